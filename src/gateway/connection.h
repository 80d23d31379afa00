// Connection: one accepted socket, from its first byte to its last.
//
// Place: gateway, between Server and Chain. Threads: lives on the I/O thread that accepted it.
//
// The one port takes plain HTTP, TLS (the first byte tells) and CONNECT of proxy clients: a CONNECT
// to an AWS name is answered at once, TLS ends here with a certificate for that name, and the
// requests within go down the same chain ("AWS names lead home"). A CONNECT to any other host is
// refused, unless it is on the allow-list.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "gateway/certificates.h"
#include "gateway/chain.h"
#include "gateway/egress.h"

namespace tarn::gateway {

// Runs until the peer or the server ends it. `door`: what its port leads to; empty: all.
[[nodiscard]] Task<void> run_connection(boost::asio::ip::tcp::socket& socket, Chain& chain,
                                        CertificateAuthority& authority, const Egress& egress,
                                        const std::string& door);

}  // namespace tarn::gateway
