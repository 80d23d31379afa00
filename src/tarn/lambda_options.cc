#include "tarn/lambda_options.h"

namespace tarn::app {
namespace {

// Node.js as Debian, or who installs it by hand, puts it; in a sandbox only /usr is seen.
std::string find_node(platform::Files& files) {
  for (const char* path : {"/usr/bin/node", "/usr/local/bin/node"}) {
    if (files.exists(path)) return path;
  }
  return {};
}

}  // namespace

lambda::Options lambda_options(const Configuration& configuration, const ServerFacts& facts,
                               platform::Files& files) {
  lambda::Options out;
  out.data_directory = configuration.data_directory + "/lambda";
  out.python = configuration.runtime_directory + "/python/bin/python";
  out.runtime_directory = configuration.share_directory + "/lambda";
  out.node = find_node(files);
  out.endpoint_url = facts.endpoint;
  out.proxy_host = facts.reachable_host();
  out.proxy_port = facts.port;
  out.ca_bundle = facts.ca_bundle;
  return out;
}

}  // namespace tarn::app
