// tarn.json: how commands and clients on this machine find the server of a data directory.
//
// Place: tarn. Written by the server when it is ready, removed when it stops
// (docs/formats/data-directory.md). Threads: pure functions over the file.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "platform/files.h"
#include "tarn/configuration.h"

namespace tarn::app {

struct ServerFacts {
  int pid = 0;
  std::string host;
  std::uint16_t port = 0;
  std::string endpoint;  // "http://127.0.0.1:4566"
  std::string region;
  std::string account_id;
  std::string access_key_id;
  std::string secret_access_key;
  std::string ca_bundle;    // path (PEM)
  std::string trust_store;  // path (PKCS #12, for Java)

  // Where clients on this machine reach it: one that listens everywhere, by the loopback address.
  [[nodiscard]] std::string reachable_host() const {
    return host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host;
  }
};

[[nodiscard]] std::string to_json(const ServerFacts& facts);
// Errors: kCorrupt.
[[nodiscard]] Result<ServerFacts> parse_server_facts(const std::string& text);

// The server that runs over `configuration.data_directory` and is ready.
// Errors: kNotFound, saying how to start one; kCorrupt.
[[nodiscard]] Result<ServerFacts> find_server(const Configuration& configuration);

}  // namespace tarn::app
