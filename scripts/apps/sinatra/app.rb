require 'json'
require 'net/http'
require 'sinatra'

get '/hello/:name' do
  content_type :json
  { app: 'sinatra', hello: params['name'] }.to_json
end

get '/call/:name' do
  content_type :json
  Net::HTTP.get(URI("#{ENV['UPSTREAM']}/hello/#{params['name']}"))
end
