#include "tarn/server_call.h"

#include <chrono>
#include <sstream>

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include "wire/encoding.h"

namespace tarn::app {

Result<ServerAnswer> ask_server(const ServerFacts& facts, const wire::Request& request,
                                const std::string& body) {
  const Error silent(code::kIo, "the server does not answer: see `tarn logs`");
  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(std::chrono::seconds(30));
  stream.connect(facts.reachable_host(), std::to_string(facts.port));
  if (!stream) return silent;
  stream << fmt::format("{} {}{}{} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n",
                        request.method, request.path, request.raw_query.empty() ? "" : "?",
                        request.raw_query, body.size());
  for (const auto& [name, value] : request.headers.fields())
    stream << name << ": " << value << "\r\n";
  stream << "\r\n" << body << std::flush;
  std::string version;
  ServerAnswer answer;
  stream >> version >> answer.status;
  if (answer.status == 0) return silent;
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line) && line != "\r") {
  }
  std::ostringstream content;
  content << stream.rdbuf();
  answer.content = content.str();
  return answer;
}

Result<nlohmann::json> call_server(const ServerFacts& facts, const std::string& method,
                                   const std::string& path, const std::string& body) {
  wire::Request request;
  request.method = method;
  request.path = path;
  request.headers.add("Host", fmt::format("{}:{}", facts.host, facts.port));
  request.headers.add("Authorization", "Basic " + wire::to_base64(facts.access_key_id + ":" +
                                                                  facts.secret_access_key));
  request.headers.add("Content-Type", "application/json");
  TARN_TRY(const ServerAnswer reply, ask_server(facts, request, body));
  nlohmann::json answer = wire::parse_json(reply.content);
  if (reply.status < 300) return answer;
  const std::string said = answer.is_object() ? answer.value("msg", std::string()) : std::string();
  return Error(code::kInvalid, said.empty() ? fmt::format("HTTP {}", reply.status) : said);
}

}  // namespace tarn::app
