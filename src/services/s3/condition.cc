#include "services/s3/condition.h"

#include "wire/dates.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

tarn::Error precondition_failed(std::string_view condition) {
  tarn::Error error("PreconditionFailed",
                    "At least one of the pre-conditions you specified did not hold", 412);
  error.details.emplace_back("Condition", condition);
  return error;
}

std::string_view without_quotes(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  return etag;
}

// The name of the first condition that fails, or empty. RFC 9110 section 13.2.2: a given If-Match
// outranks If-Unmodified-Since, and If-None-Match outranks If-Modified-Since.
std::string_view failing(const ReadCondition& condition, const StoredObject& object) {
  if (condition.if_match) {
    if (!etag_matches(*condition.if_match, object.etag)) return "If-Match";
  } else if (condition.if_unmodified_since &&
             object.last_modified > *condition.if_unmodified_since) {
    return "If-Unmodified-Since";
  }
  if (condition.if_none_match) {
    if (etag_matches(*condition.if_none_match, object.etag)) return "If-None-Match";
  } else if (condition.if_modified_since && object.last_modified <= *condition.if_modified_since) {
    return "If-Modified-Since";
  }
  return {};
}

}  // namespace

bool etag_matches(std::string_view header, std::string_view object_etag) {
  while (!header.empty()) {
    const std::size_t comma = header.find(',');
    const std::string_view one = without_quotes(wire::trim(header.substr(0, comma)));
    if (one == "*" || one == object_etag) return true;
    if (comma == std::string_view::npos) break;
    header.remove_prefix(comma + 1);
  }
  return false;
}

Status check(const WriteCondition& condition, const StoredObject* current, bool existed) {
  if (condition.if_none_match) {
    if (*condition.if_none_match != "*") {
      return tarn::Error("NotImplemented",
                         "A header you provided implies functionality that is not implemented: "
                         "If-None-Match takes only * here");
    }
    if (current != nullptr) return precondition_failed("If-None-Match");
  }
  if (condition.if_match || condition.size || condition.last_modified) {
    if (current == nullptr && existed) {
      return tarn::Error("ConditionalRequestConflict",
                         "The conditional request cannot succeed due to a conflicting operation "
                         "against this resource.",
                         409);
    }
    if (current == nullptr) {
      return tarn::Error("NoSuchKey", "The specified key does not exist.", 404);
    }
  }
  if (condition.if_match && !etag_matches(*condition.if_match, current->etag)) {
    return precondition_failed("If-Match");
  }
  if (condition.size && *condition.size != current->size) {
    return precondition_failed("x-amz-if-match-size");
  }
  if (condition.last_modified &&
      condition.last_modified->seconds() != current->last_modified.seconds()) {
    return precondition_failed("x-amz-if-match-last-modified-time");
  }
  return {};
}

Status check(const ReadCondition& condition, const StoredObject& object) {
  const std::string_view failed = failing(condition, object);
  if (failed.empty()) return {};
  if (failed != "If-None-Match" && failed != "If-Modified-Since") {
    return precondition_failed(failed);
  }
  tarn::Error error("NotModified", "Not Modified", 304);
  error.headers.emplace_back("ETag", "\"" + object.etag + "\"");
  error.headers.emplace_back("Last-Modified", wire::to_http_date(object.last_modified));
  return error;
}

Status check_copy_source(const ReadCondition& condition, const StoredObject& object) {
  const std::string_view failed = failing(condition, object);
  if (failed.empty()) return {};
  return precondition_failed("x-amz-copy-source-" + std::string(failed));
}

}  // namespace tarn::s3
