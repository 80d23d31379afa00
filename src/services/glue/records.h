// Records: keys and values of the metastore in the store.
//
// Place: glue, inside only. Formats: docs/formats/glue.md, version 2.
// Threads: pure functions.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "services/glue/metastore.h"
#include "wire/encoding.h"

namespace tarn::glue {

// First byte of a key: what it leads to.
enum class Record : char {
  kDatabase = 'd',
  kTable = 't',
  kVersion = 'v',
  kPartition = 'p',
  kTags = 'g',
  kTableStatistics = 'c',
  kPartitionStatistics = 's',
  kFunction = 'f',
  kPurge = 'u'
};

// The record's byte, account and Region, then `parts`; each ends with a zero byte, and a zero byte
// in it is written 00 FF.
[[nodiscard]] std::string key_of(Record record, const Owner& owner,
                                 std::initializer_list<std::string_view> parts);
// Appends one more part.
void append_part(std::string& key, std::string_view part);

[[nodiscard]] std::string encode_tags(const std::map<std::string, std::string>& tags);
[[nodiscard]] Result<std::map<std::string, std::string>> decode_tags(std::string_view bytes);

inline constexpr char kRecordVersion = '1';

// A generated shape as a record: the format's version, then its JSON as on the wire.
template <class Shape>
std::string encode(const Shape& shape) {
  std::string out(1, kRecordVersion);
  wire::append_json(Shape::schema(), &shape, out);
  return out;
}

// Error: kCorrupt.
template <class Shape>
Result<Shape> decode(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != kRecordVersion) {
    return Error(code::kCorrupt, "a stored Glue record has an unknown format version");
  }
  Shape out;
  const auto read = wire::from_json(Shape::schema(), bytes.substr(1), &out);
  if (!read.ok())
    return Error(code::kCorrupt, "a stored Glue record is damaged: " + read.error().message);
  return out;
}

template <class Shape>
Result<std::optional<Shape>> Metastore::load(const std::string& key) {
  TARN_TRY(const auto bytes, store_.get(store::Space::kGlue, key));
  if (!bytes) return std::optional<Shape>();
  TARN_TRY(auto shape, decode<Shape>(*bytes));
  return std::optional<Shape>(std::move(shape));
}

[[nodiscard]] Error bad_token();

template <class Shape, class Keep>
Result<Page<Shape>> Metastore::list(const std::string& prefix, const PageRequest& page, Keep keep) {
  std::string after;
  if (page.token) {
    const auto rest = wire::from_base64(*page.token);
    if (!rest || rest->empty()) return bad_token();
    after = prefix + *rest;
  }
  Page<Shape> out;
  std::string last;
  const auto cursor = store_.cursor(store::Space::kGlue);
  for (cursor->seek(after.empty() ? prefix : after);
       cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
    if (cursor->key() == after) continue;
    TARN_TRY(auto shape, decode<Shape>(cursor->value()));
    if (!keep(shape)) continue;
    if (out.entries.size() == page.limit) {
      // A page of nothing goes on with everything: no part begins with a zero byte.
      out.next_token = wire::to_base64(last.empty() ? std::string_view("\0", 1)
                                                    : std::string_view(last).substr(prefix.size()));
      break;
    }
    last = cursor->key();
    out.entries.push_back(std::move(shape));
  }
  TARN_CHECK(cursor->status());
  return out;
}

[[nodiscard]] Error database_not_found(const std::string& name);
[[nodiscard]] Error entity_not_found();
[[nodiscard]] Error invalid_input(std::string text);

}  // namespace tarn::glue
