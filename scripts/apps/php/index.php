<?php
header('Content-Type: application/json');
[, $what, $name] = explode('/', parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
if ($what === 'call') {
    echo file_get_contents(getenv('UPSTREAM') . "/hello/$name");
} else {
    echo json_encode(['app' => 'php', 'hello' => $name]);
}
