#include "tarn/client_environment.h"

#include <fmt/format.h>

#include "gateway/certificates.h"

namespace tarn::app {

namespace {

constexpr const char* kNoProxy = "localhost,127.0.0.1,::1";

std::vector<Variable> keys(const ServerFacts& facts) {
  return {{"AWS_ACCESS_KEY_ID", facts.access_key_id},
          {"AWS_SECRET_ACCESS_KEY", facts.secret_access_key},
          {"AWS_REGION", facts.region},
          {"AWS_DEFAULT_REGION", facts.region},
          // A profile or a token of another account would be taken before or beside the keys.
          {"AWS_SESSION_TOKEN", "", true},
          {"AWS_PROFILE", "", true},
          {"AWS_DEFAULT_PROFILE", "", true}};
}

std::string command_line_of(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace

std::vector<Variable> direct_environment(const ServerFacts& facts) {
  std::vector<Variable> out = keys(facts);
  out.push_back({"AWS_ENDPOINT_URL", facts.endpoint});
  return out;
}

std::vector<Variable> transparent_environment(const ServerFacts& facts) {
  std::vector<Variable> out = keys(facts);
  out.push_back({"AWS_ENDPOINT_URL", "", true});
  for (const char* name : {"HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"})
    out.push_back({name, facts.endpoint});
  for (const char* name : {"NO_PROXY", "no_proxy"}) out.push_back({name, kNoProxy});
  for (const char* name :
       {"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    out.push_back({name, facts.ca_bundle});
  }
  out.push_back({"TARN_JAVA_OPTIONS", command_line_of(java_options(facts))});
  return out;
}

std::vector<Variable> cleared_environment() {
  std::vector<Variable> out;
  for (Variable& variable : transparent_environment({}))
    out.push_back({std::move(variable.name), "", true});
  return out;
}

std::vector<std::string> java_options(const ServerFacts& facts) {
  std::vector<std::string> out;
  // The AWS SDK's Apache client reads the http pair even for https.
  for (const char* scheme : {"https", "http"}) {
    out.push_back(fmt::format("-D{}.proxyHost={}", scheme, facts.reachable_host()));
    out.push_back(fmt::format("-D{}.proxyPort={}", scheme, facts.port));
  }
  out.emplace_back("-Dhttp.nonProxyHosts=localhost|127.*");
  out.push_back(fmt::format("-Djavax.net.ssl.trustStore={}", facts.trust_store));
  out.emplace_back("-Djavax.net.ssl.trustStoreType=PKCS12");
  out.push_back(fmt::format("-Djavax.net.ssl.trustStorePassword={}", gateway::kTrustStorePassword));
  return out;
}

}  // namespace tarn::app
