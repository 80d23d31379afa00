#include "generator/put_records.h"

#include <algorithm>
#include <array>

#include <simdjson.h>

#include <fmt/format.h>

#include "wire/encoding.h"

namespace tarn::generator {

namespace {

// Errors of a whole request that pass (the service's throttling codes; HTTP 5xx passes besides).
constexpr std::array<std::string_view, 6> kPassing = {"ProvisionedThroughputExceededException",
                                                      "LimitExceededException",
                                                      "ThrottlingException",
                                                      "KMSThrottlingException",
                                                      "RequestThrottledException",
                                                      "RequestLimitExceeded"};

void append_json_text(std::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

std::string text_member(const simdjson::dom::element& object, const char* name) {
  std::string_view text;
  if (object[name].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

Answer fault(std::string_view code, std::string message) {
  return {Answer::Kind::kAgain, {}, std::string(code), std::move(message)};
}

Answer read_error(int http_status, const simdjson::dom::element& document) {
  // "com.amazonaws.kinesis#LimitExceededException" is that too.
  std::string code = text_member(document, "__type");
  code.erase(0, code.find('#') + 1);
  std::string message = text_member(document, "message");
  if (message.empty()) message = text_member(document, "Message");
  if (code.empty()) code = fmt::format("HTTP {}", http_status);
  const bool passes = http_status >= 500 || http_status == 429 ||
                      std::ranges::find(kPassing, code) != kPassing.end();
  return {passes ? Answer::Kind::kAgain : Answer::Kind::kRefused,
          {},
          std::move(code),
          std::move(message)};
}

Answer read_records(const simdjson::dom::element& document, std::size_t records) {
  simdjson::dom::array results;
  if (document["Records"].get(results) != simdjson::SUCCESS) {
    return fault("MalformedAnswer", "an answer without Records");
  }
  Answer answer;
  answer.errors.reserve(records);
  for (const simdjson::dom::element result : results) {
    std::string code = text_member(result, "ErrorCode");
    // Neither an error nor a place in the stream is no acknowledgement.
    if (code.empty() && text_member(result, "SequenceNumber").empty()) code = "MalformedAnswer";
    answer.errors.push_back(std::move(code));
  }
  if (answer.errors.size() != records) {
    return fault("MalformedAnswer",
                 fmt::format("{} results for {} records", answer.errors.size(), records));
  }
  return answer;
}

}  // namespace

std::string_view Batch::data(std::size_t index) const {
  const Record& record = records_[index];
  return std::string_view(block_).substr(record.begin, record.key - record.begin);
}

std::string_view Batch::partition_key(std::size_t index) const {
  const Record& record = records_[index];
  return std::string_view(block_).substr(record.key, record.end - record.key);
}

void Batch::close(std::size_t begin, std::size_t key, std::uint32_t attempt,
                  std::chrono::nanoseconds first_sent) {
  records_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(key),
                      static_cast<std::uint32_t>(block_.size()), attempt, first_sent});
}

void write_put_records(std::string_view stream, const Batch& batch, std::string& out) {
  out.assign(stream.starts_with("arn:") ? "{\"StreamARN\":" : "{\"StreamName\":");
  append_json_text(stream, out);
  out += ",\"Records\":[";
  for (std::size_t i = 0; i < batch.size(); ++i) {
    out += i == 0 ? "{\"Data\":\"" : ",{\"Data\":\"";
    wire::append_base64(batch.data(i), out);
    out += "\",\"PartitionKey\":";
    append_json_text(batch.partition_key(i), out);
    out.push_back('}');
  }
  out += "]}";
}

Answer read_put_records_answer(int http_status, std::string_view body, std::size_t records) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  const bool parsed = parser.parse(body.data(), body.size()).get(document) == simdjson::SUCCESS &&
                      document.is_object();
  if (http_status == 200) {
    if (!parsed) return fault("MalformedAnswer", "an answer that is no JSON");
    return read_records(document, records);
  }
  if (parsed) return read_error(http_status, document);
  const Answer::Kind kind =
      http_status >= 500 || http_status == 429 ? Answer::Kind::kAgain : Answer::Kind::kRefused;
  return {kind, {}, fmt::format("HTTP {}", http_status), std::string(body.substr(0, 200))};
}

}  // namespace tarn::generator
