#include "tarn/aws_calls.h"

#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "tarn/server_call.h"
#include "wire/encoding.h"
#include "wire/sigv4.h"

namespace tarn::app {

namespace {

bool is_list(const pugi::xml_node& node) {
  const pugi::xml_node first = node.first_child();
  return std::strcmp(first.name(), "member") == 0 || std::strcmp(first.name(), "item") == 0;
}

nlohmann::json from_xml(const pugi::xml_node& node) {
  const pugi::xml_node first = node.first_child();
  if (!first || first.type() != pugi::node_element) return node.text().get();
  nlohmann::json out = is_list(node) ? nlohmann::json::array() : nlohmann::json::object();
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    nlohmann::json value = from_xml(child);
    if (out.is_array()) {
      out.push_back(std::move(value));
      continue;
    }
    const auto found = out.find(child.name());
    if (found == out.end()) {
      out[child.name()] = std::move(value);
    } else if (found->is_array() && !is_list(child)) {
      found->push_back(std::move(value));
    } else {
      *found = nlohmann::json::array({std::move(*found), std::move(value)});
    }
  }
  return out;
}

std::string encoded(const AwsCalls::Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", wire::percent_encode(name),
                       wire::percent_encode(value));
  }
  return out;
}

// Of the query protocol, of EC2 and of S3.
Error fault_in_xml(const pugi::xml_document& document, int status) {
  const pugi::xml_node error = document.select_node("//Error").node();
  std::string name = error.child_value("Code");
  if (name.empty()) return {code::kInvalid, fmt::format("HTTP {}", status)};
  return {std::move(name), error.child_value("Message")};
}

Result<nlohmann::json> read_xml(const ServerAnswer& answer) {
  pugi::xml_document document;
  const bool read =
      document.load_buffer(answer.content.data(), answer.content.size()) || answer.content.empty();
  if (answer.status >= 300) return fault_in_xml(document, answer.status);
  if (!read) return Error(code::kInvalid, "the server's answer is no XML");
  return from_xml(document.document_element());
}

}  // namespace

Result<nlohmann::json> AwsCalls::json(std::string_view service, std::string_view target,
                                      const nlohmann::json& input) const {
  wire::Request request;
  request.method = "POST";
  request.path = "/";
  request.host = fmt::format("{}:{}", facts_.host, facts_.port);
  request.headers.add("Host", request.host);
  request.headers.add("Content-Type", "application/x-amz-json-1.1");
  request.headers.add("X-Amz-Target", std::string(target));
  const std::string body = input.dump();
  wire::sign(request, {facts_.access_key_id, facts_.secret_access_key, ""}, facts_.region, service,
             clock_.now(), body);
  TARN_TRY(const ServerAnswer reply, ask_server(facts_, request, body));
  nlohmann::json answer = wire::parse_json(reply.content);
  if (reply.status < 300) return answer;
  std::string name = text_in(answer, "__type");
  name.erase(0, name.find('#') == std::string::npos ? 0 : name.find('#') + 1);
  std::string words = text_in(answer, "message");
  if (words.empty()) words = text_in(answer, "Message");
  return Error(name.empty() ? std::string(code::kInvalid) : name,
               words.empty() ? fmt::format("HTTP {}", reply.status) : words);
}

Result<nlohmann::json> AwsCalls::query(std::string_view service, std::string_view version,
                                       std::string_view action, Parameters input) const {
  input["Action"] = action;
  input["Version"] = version;
  wire::Request request;
  request.method = "POST";
  request.path = "/";
  request.host = fmt::format("{}:{}", facts_.host, facts_.port);
  request.headers.add("Host", request.host);
  request.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  const std::string body = encoded(input);
  wire::sign(request, {facts_.access_key_id, facts_.secret_access_key, ""}, facts_.region, service,
             clock_.now(), body);
  TARN_TRY(const ServerAnswer reply, ask_server(facts_, request, body));
  TARN_TRY(nlohmann::json answer, read_xml(reply));
  // EC2 has no element around its answers.
  const auto result = answer.find(std::string(action) + "Result");
  return result == answer.end() ? answer : *result;
}

Result<nlohmann::json> AwsCalls::s3(std::string_view method, std::string_view path,
                                    const Parameters& query_input, const std::string& body,
                                    const Parameters& headers) const {
  wire::Request request;
  request.method = method;
  const std::string parameters = encoded(query_input);
  wire::set_target(std::string(path) + (parameters.empty() ? "" : "?" + parameters), request);
  request.host = fmt::format("{}:{}", facts_.host, facts_.port);
  request.headers.add("Host", request.host);
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  wire::sign(request, {facts_.access_key_id, facts_.secret_access_key, ""}, facts_.region, "s3",
             clock_.now(), body);
  TARN_TRY(const ServerAnswer reply, ask_server(facts_, request, body));
  return read_xml(reply);
}

std::vector<nlohmann::json> list_in(const nlohmann::json& answer, const std::string& member) {
  const auto found = answer.is_object() ? answer.find(member) : answer.end();
  if (found == answer.end() || found->is_null()) return {};
  if (found->is_array()) return found->get<std::vector<nlohmann::json>>();
  if (found->is_string() && found->get_ref<const std::string&>().empty()) return {};
  return {*found};
}

std::string text_in(const nlohmann::json& answer, const std::string& member) {
  const auto found = answer.is_object() ? answer.find(member) : answer.end();
  return found != answer.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace tarn::app
