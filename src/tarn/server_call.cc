#include "tarn/server_call.h"

#include <chrono>
#include <sstream>

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include "wire/encoding.h"

namespace tarn::app {

Result<nlohmann::json> call_server(const ServerFacts& facts, const std::string& method,
                                   const std::string& path, const std::string& body) {
  const Error silent(code::kIo, "the server does not answer: see `tarn logs`");
  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(std::chrono::seconds(30));
  stream.connect(facts.reachable_host(), std::to_string(facts.port));
  if (!stream) return silent;
  const std::string keys = wire::to_base64(facts.access_key_id + ":" + facts.secret_access_key);
  stream << fmt::format(
                "{} {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n"
                "Authorization: Basic {}\r\nContent-Type: application/json\r\n"
                "Content-Length: {}\r\n\r\n{}",
                method, path, facts.host, facts.port, keys, body.size(), body)
         << std::flush;
  std::string version;
  int status = 0;
  stream >> version >> status;
  if (status == 0) return silent;
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line) && line != "\r") {
  }
  std::ostringstream content;
  content << stream.rdbuf();
  nlohmann::json answer = nlohmann::json::parse(content.str(), nullptr, false);
  if (status < 300) return answer;
  const std::string said = answer.is_object() ? answer.value("msg", std::string()) : std::string();
  return Error(code::kInvalid, said.empty() ? fmt::format("HTTP {}", status) : said);
}

}  // namespace tarn::app
