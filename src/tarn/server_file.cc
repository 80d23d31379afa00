#include "tarn/server_file.h"

#include <fmt/format.h>

#include "platform/real/files.h"
#include "platform/real/process_table.h"
#include "wire/json_value.h"

namespace tarn::app {

std::string to_json(const ServerFacts& facts) {
  return nlohmann::ordered_json{{"v", 1},
                                {"pid", facts.pid},
                                {"host", facts.host},
                                {"port", facts.port},
                                {"endpoint", facts.endpoint},
                                {"region", facts.region},
                                {"account_id", facts.account_id},
                                {"access_key_id", facts.access_key_id},
                                {"secret_access_key", facts.secret_access_key},
                                {"ca_bundle", facts.ca_bundle},
                                {"trust_store", facts.trust_store}}
             .dump(2) +
         "\n";
}

Result<ServerFacts> parse_server_facts(const std::string& text) {
  const auto json = wire::parse_json(text);
  const Error unreadable(code::kCorrupt,
                         "tarn.json is not readable; `tarn down` and `tarn up` write it anew");
  if (!json.is_object()) return unreadable;
  const auto word = [&json](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto number = [&json](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_number_integer() ? found->get<int>() : 0;
  };
  ServerFacts facts;
  facts.pid = number("pid");
  facts.port = static_cast<std::uint16_t>(number("port"));
  facts.host = word("host");
  facts.endpoint = word("endpoint");
  facts.region = word("region");
  facts.account_id = word("account_id");
  facts.access_key_id = word("access_key_id");
  facts.secret_access_key = word("secret_access_key");
  facts.ca_bundle = word("ca_bundle");
  facts.trust_store = word("trust_store");
  if (facts.pid == 0 || facts.port == 0 || facts.endpoint.empty()) return unreadable;
  return facts;
}

Result<ServerFacts> find_server(const Configuration& configuration) {
  const auto holder = platform::real::lock_holder(configuration.lock_path());
  if (!holder) {
    return Error(code::kNotFound,
                 fmt::format("no server runs over {}; `tarn up --detach` starts one",
                             configuration.data_directory));
  }
  platform::real::Files files;
  const auto text = files.read(configuration.server_path());
  if (!text.ok()) {
    return Error(code::kNotFound,
                 fmt::format("the server of {} (process {}) is starting or stopping; try again",
                             configuration.data_directory, *holder));
  }
  return parse_server_facts(*text);
}

}  // namespace tarn::app
