package dev.weir.sidecar.config.tls;

/** Where keys of session tickets come from. */
public sealed interface TicketKeySource permits SessionTicketKeys, SecretRef {}
