#include "services/s3/lifecycle.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "wire/dates.h"

namespace tarn::s3 {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr std::size_t kMaxRules = 1000;
constexpr std::size_t kMaxId = 255;
constexpr std::int32_t kMaxKeptVersions = 100;
constexpr std::string_view kEnabled = "Enabled";

// The conditions of a rule, of whichever form it has.
struct Filter {
  std::string_view prefix;
  std::vector<Tag> tags;
  std::int64_t more_than = -1;
  std::int64_t less_than = INT64_MAX;

  [[nodiscard]] bool is_by_prefix() const {
    return tags.empty() && more_than < 0 && less_than == INT64_MAX;
  }
};

template <class Shape>
void read_sizes(const Shape& shape, Filter& filter) {
  if (shape.object_size_greater_than) filter.more_than = *shape.object_size_greater_than;
  if (shape.object_size_less_than) filter.less_than = *shape.object_size_less_than;
}

Filter filter_of(const LifecycleRule& rule) {
  Filter out;
  if (rule.prefix) out.prefix = *rule.prefix;
  if (!rule.filter) return out;
  const LifecycleRuleFilter& filter = *rule.filter;
  if (filter.prefix) out.prefix = *filter.prefix;
  if (filter.tag) out.tags.push_back(*filter.tag);
  read_sizes(filter, out);
  if (!filter.and_) return out;
  if (filter.and_->prefix) out.prefix = *filter.and_->prefix;
  if (filter.and_->tags) out.tags = *filter.and_->tags;
  read_sizes(*filter.and_, out);
  return out;
}

bool fits(const LifecycleRule& rule, std::string_view key, const StoredObject& object) {
  if (rule.status != kEnabled) return false;
  const Filter filter = filter_of(rule);
  const auto size = static_cast<std::int64_t>(object.size);
  const bool sized = size > filter.more_than && size < filter.less_than;
  if (!key.starts_with(filter.prefix) || !sized) return false;
  return std::all_of(filter.tags.begin(), filter.tags.end(), [&object](const Tag& tag) {
    const auto found = object.tags.find(tag.key);
    return found != object.tags.end() && found->second == tag.value;
  });
}

tarn::Error invalid(std::string message) {
  return tarn::Error("InvalidArgument", std::move(message));
}

Status check_positive(const std::optional<std::int32_t>& days, std::string_view name,
                      std::string_view action) {
  if (days && *days > 0) return {};
  return invalid(fmt::format("'{}' for {} action must be a positive integer", name, action));
}

Status check_expiration(const LifecycleExpiration& expiration, const Filter& filter) {
  const int given = (expiration.days ? 1 : 0) + (expiration.date ? 1 : 0) +
                    (expiration.expired_object_delete_marker ? 1 : 0);
  if (given != 1) {
    return tarn::Error("MalformedXML",
                       "Expiration takes exactly one of Days, Date and ExpiredObjectDeleteMarker.");
  }
  if (expiration.days) TARN_CHECK(check_positive(expiration.days, "Days", "Expiration"));
  if (expiration.date && expiration.date->ms % kDayMs != 0) {
    return invalid("'Date' must be at midnight GMT");
  }
  if (expiration.expired_object_delete_marker && !filter.is_by_prefix()) {
    return tarn::Error("InvalidRequest",
                       "ExpiredObjectDeleteMarker cannot be specified with tags or sizes.");
  }
  return {};
}

Status check_noncurrent(const NoncurrentVersionExpiration& expiration) {
  TARN_CHECK(
      check_positive(expiration.noncurrent_days, "NoncurrentDays", "NoncurrentVersionExpiration"));
  const auto& kept = expiration.newer_noncurrent_versions;
  if (!kept || (*kept >= 1 && *kept <= kMaxKeptVersions)) return {};
  return invalid(
      fmt::format("'NewerNoncurrentVersions' must be between 1 and {}", kMaxKeptVersions));
}

Status check_actions(const LifecycleRule& rule, const Filter& filter) {
  if (rule.transitions || rule.noncurrent_version_transitions) {
    return tarn::Error("NotImplemented",
                       "Transition and NoncurrentVersionTransition are not implemented: everything "
                       "is kept on this machine's disk. Leave them out of the rule.",
                       501);
  }
  if (!rule.expiration && !rule.noncurrent_version_expiration &&
      !rule.abort_incomplete_multipart_upload) {
    return tarn::Error("InvalidRequest", "At least one action needs to be specified in a rule");
  }
  if (rule.expiration) TARN_CHECK(check_expiration(*rule.expiration, filter));
  if (rule.noncurrent_version_expiration) {
    TARN_CHECK(check_noncurrent(*rule.noncurrent_version_expiration));
  }
  if (!rule.abort_incomplete_multipart_upload) return {};
  if (!filter.is_by_prefix()) {
    return tarn::Error("InvalidRequest",
                       "AbortIncompleteMultipartUpload cannot be specified with tags or sizes.");
  }
  return check_positive(rule.abort_incomplete_multipart_upload->days_after_initiation,
                        "DaysAfterInitiation", "AbortIncompleteMultipartUpload");
}

Status check_filter(const LifecycleRule& rule) {
  if (rule.prefix.has_value() == rule.filter.has_value()) {
    return tarn::Error("MalformedXML", "A rule takes exactly one of Filter and Prefix.");
  }
  if (!rule.filter) return {};
  const LifecycleRuleFilter& filter = *rule.filter;
  const int given = (filter.prefix ? 1 : 0) + (filter.tag ? 1 : 0) + (filter.and_ ? 1 : 0) +
                    (filter.object_size_greater_than ? 1 : 0) +
                    (filter.object_size_less_than ? 1 : 0);
  if (given > 1) {
    return tarn::Error("MalformedXML",
                       "A Filter takes one condition: put several of them into And.");
  }
  return {};
}

// When the rule's Expiration falls due for what was last modified then.
std::optional<Timestamp> due(const LifecycleRule& rule, Timestamp modified) {
  if (!rule.expiration) return std::nullopt;
  if (rule.expiration->date) return *rule.expiration->date;
  if (rule.expiration->days) return due_after(modified, *rule.expiration->days);
  return std::nullopt;
}

}  // namespace

Status check(Rules& rules) {
  if (rules.empty() || rules.size() > kMaxRules) {
    return tarn::Error("MalformedXML",
                       fmt::format("A lifecycle configuration has 1 to {} rules, not {}.",
                                   kMaxRules, rules.size()));
  }
  std::set<std::string> ids;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    LifecycleRule& rule = rules[i];
    if (!rule.id || rule.id->empty()) rule.id = fmt::format("rule-{}", i + 1);
    if (rule.id->size() > kMaxId) {
      return invalid(fmt::format("ID length should not exceed allowed limit of {}", kMaxId));
    }
    if (!ids.insert(*rule.id).second) {
      return invalid("Rule ID must be unique. Found same ID for more than one rule");
    }
    TARN_CHECK(check_filter(rule));
    TARN_CHECK(check_actions(rule, filter_of(rule)));
  }
  return {};
}

Timestamp due_after(Timestamp from, std::int64_t days) {
  const std::int64_t exact = from.ms + days * kDayMs;
  return {(exact + kDayMs - 1) / kDayMs * kDayMs};
}

std::optional<Due> expiry_of(const Rules& rules, std::string_view key, const StoredObject& object) {
  std::optional<Due> first;
  for (const LifecycleRule& rule : rules) {
    const auto time = due(rule, object.last_modified);
    if (!time || !fits(rule, key, object)) continue;
    if (!first || *time < first->time) first = Due{*time, rule.id.value_or("")};
  }
  return first;
}

std::optional<std::string> expiry_header(const Rules& rules, std::string_view key,
                                         const StoredObject& object) {
  if (rules.empty()) return std::nullopt;
  const auto found = expiry_of(rules, key, object);
  if (!found) return std::nullopt;
  return fmt::format("expiry-date=\"{}\", rule-id=\"{}\"", wire::to_http_date(found->time),
                     found->rule);
}

bool is_noncurrent_due(const Rules& rules, std::string_view key, const StoredObject& version,
                       Timestamp since, std::size_t newer, Timestamp now) {
  return std::any_of(rules.begin(), rules.end(), [&](const LifecycleRule& rule) {
    if (!rule.noncurrent_version_expiration) return false;
    const NoncurrentVersionExpiration& expiration = *rule.noncurrent_version_expiration;
    const auto kept = static_cast<std::size_t>(expiration.newer_noncurrent_versions.value_or(0));
    return newer >= kept && due_after(since, *expiration.noncurrent_days) <= now &&
           fits(rule, key, version);
  });
}

bool is_marker_due(const Rules& rules, std::string_view key, const StoredObject& marker,
                   Timestamp now) {
  return std::any_of(rules.begin(), rules.end(), [&](const LifecycleRule& rule) {
    if (rule.status != kEnabled || !rule.expiration) return false;
    const Filter filter = filter_of(rule);
    if (!filter.is_by_prefix() || !key.starts_with(filter.prefix)) return false;
    if (rule.expiration->expired_object_delete_marker.value_or(false)) return true;
    // Days and Date clean up after themselves.
    const auto time = due(rule, marker.last_modified);
    return time && *time <= now;
  });
}

bool is_upload_due(const Rules& rules, const StoredUpload& upload, Timestamp now) {
  std::int64_t days = INT64_MAX;
  for (const LifecycleRule& rule : rules) {
    if (rule.status != kEnabled || !rule.abort_incomplete_multipart_upload) continue;
    if (!upload.key.starts_with(filter_of(rule).prefix)) continue;
    const auto given = rule.abort_incomplete_multipart_upload->days_after_initiation;
    days = std::min<std::int64_t>(days, given.value_or(kAbandonedDays));
  }
  if (days == INT64_MAX) days = kAbandonedDays;
  return due_after(upload.initiated, days) <= now;
}

}  // namespace tarn::s3
