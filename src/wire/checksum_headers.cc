#include "wire/checksum_headers.h"

#include <algorithm>

#include "wire/checksum.h"
#include "wire/encoding.h"

namespace tarn::wire {
namespace {

constexpr std::string_view kPrefix = "x-amz-checksum-";

bool holds(ChecksumAlgorithm algorithm, std::string_view binary, std::string_view content) {
  Checksum sum(algorithm);
  sum.update(content);
  return sum.digest() == binary;
}

bool is_member(const Schema* input, std::string_view header) {
  if (input == nullptr) return false;
  return std::any_of(input->members.begin(), input->members.end(), [&](const Member& member) {
    return member.location == Location::kHeader && equals_ignoring_case(member.wire_name, header);
  });
}

Status check_field(std::string_view name, std::string_view value, std::string_view content) {
  const std::string lower = to_lower(name);
  if (!lower.starts_with(kPrefix)) return {};
  const auto algorithm = find_checksum(std::string_view(lower).substr(kPrefix.size()));
  if (!algorithm) return {};  // x-amz-checksum-mode and its kin
  const auto binary = from_base64(value);
  if (!binary || binary->size() != checksum_size(*algorithm)) {
    return Error("InvalidRequest", "Value for " + lower + " header is invalid.", 400);
  }
  if (holds(*algorithm, *binary, content)) return {};
  return Error("BadDigest",
               "The " + std::string(checksum_name(*algorithm)) +
                   " you specified did not match the calculated checksum.",
               400);
}

}  // namespace

Status check_declared_checksums(const Schema* input, const Headers& headers,
                                const std::vector<std::pair<std::string, std::string>>& trailers,
                                std::string_view content) {
  if (const auto md5 = headers.find("content-md5")) {
    const auto binary = from_base64(*md5);
    if (!binary || binary->size() != checksum_size(ChecksumAlgorithm::kMd5)) {
      return Error("InvalidDigest", "The Content-MD5 you specified was invalid.", 400);
    }
    if (!holds(ChecksumAlgorithm::kMd5, *binary, content)) {
      return Error("BadDigest", "The Content-MD5 you specified did not match what we received.",
                   400);
    }
  }
  for (const auto& [name, value] : headers.fields()) {
    if (!is_member(input, name)) TARN_CHECK(check_field(name, value, content));
  }
  for (const auto& [name, value] : trailers) TARN_CHECK(check_field(name, value, content));
  return {};
}

}  // namespace tarn::wire
