#include "services/s3/versions.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "services/s3/embedded_store.h"
#include "services/s3/record.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

using store::Space;

constexpr std::string_view kNull = "null";
constexpr std::size_t kIdLength = 32;
constexpr std::size_t kIdSequenceBytes = 8;
constexpr std::size_t kSaltBytes = 16;

// The base64 alphabet that needs no escaping in a URL (RFC 4648 section 5); 24 bytes fill it.
std::string url_base64(std::string_view bytes) {
  std::string out = wire::to_base64(bytes);
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

std::optional<std::uint64_t> sequence_in(std::string_view id) {
  if (id.size() != kIdLength) return std::nullopt;
  std::string standard(id);
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  const auto bytes = wire::from_base64(standard);
  if (!bytes || bytes->size() != kIdSequenceBytes + kSaltBytes) return std::nullopt;
  std::uint64_t sequence = 0;
  for (std::size_t i = 0; i < kIdSequenceBytes; ++i) {
    sequence = sequence << 8 | static_cast<unsigned char>((*bytes)[i]);
  }
  return sequence;
}

std::string make_id(std::uint64_t sequence, platform::Random& random) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(sequence >> shift & 0xff));
  }
  std::array<char, kSaltBytes> salt{};
  random.fill(std::as_writable_bytes(std::span(salt)));
  bytes.append(salt.data(), salt.size());
  return url_base64(bytes);
}

struct Noncurrent {
  VersionPlace place;
  StoredObject object;
};

// The newest version that is not the current object.
Result<std::optional<Noncurrent>> newest_noncurrent(Draft& draft, const std::string& bucket,
                                                    const std::string& key) {
  TARN_TRY(const auto found, draft.scan(Space::kS3, versions_of_key(bucket, key), 1));
  if (found.empty()) return std::optional<Noncurrent>();
  Noncurrent out;
  TARN_TRY(out.place, split_version_key(bucket, found.front().first));
  TARN_TRY(out.object, decode_object(found.front().second));
  return std::optional<Noncurrent>(std::move(out));
}

Result<std::uint64_t> next_sequence(Draft& draft, const std::string& bucket, const std::string& key,
                                    const std::optional<StoredObject>& current, Timestamp now) {
  std::uint64_t last = 0;
  if (current) {
    last = sequence_of(*current);
  } else {
    TARN_TRY(const auto newest, newest_noncurrent(draft, bucket, key));
    if (newest) last = newest->place.sequence;
  }
  return std::max(static_cast<std::uint64_t>(now.ms) * 1000, last + 1);
}

// Puts `object`, which has its mark, among the versions that are not current.
void archive(Draft& draft, const std::string& bucket, const std::string& key, StoredObject object) {
  object.version.sequence = sequence_of(object);
  if (object.version.id.empty()) {
    draft.put(Space::kS3, null_version_key(bucket, key), encode_sequence(object.version.sequence));
  }
  draft.put(Space::kS3, version_key(bucket, key, object.version.sequence), encode(object));
}

// Takes a version that is not current out of its place; its body stays.
void take_out(Draft& draft, const std::string& bucket, const std::string& key,
              const StoredObject& object) {
  draft.remove(Space::kS3, version_key(bucket, key, object.version.sequence));
  if (object.version.id.empty()) draft.remove(Space::kS3, null_version_key(bucket, key));
}

Status discard_version_body(Draft& draft, const StoredObject& object) {
  return object.version.delete_marker ? Status() : discard_body(draft, object.body);
}

// Drops the null version, which a new one replaces, and keeps any other current object as a
// version.
Status make_room_for_null(Draft& draft, const std::string& bucket, const std::string& key,
                          const std::optional<StoredObject>& current) {
  if (current && current->version.id.empty()) return discard_body(draft, current->body);
  const Lookup lookup = [&draft](Space space, const std::string& name) {
    return draft.get(space, name);
  };
  TARN_TRY(const auto null_version, find_version(lookup, bucket, key, kNull));
  if (null_version) {
    TARN_CHECK(discard_version_body(draft, *null_version));
    take_out(draft, bucket, key, *null_version);
  }
  if (current) archive(draft, bucket, key, *current);
  return {};
}

// Where a key has no current object and its newest version is one, makes it current.
Status promote(Draft& draft, const std::string& bucket, const std::string& key) {
  TARN_TRY(const auto newest, newest_noncurrent(draft, bucket, key));
  if (!newest || newest->object.version.delete_marker) return {};
  take_out(draft, bucket, key, newest->object);
  draft.put(Space::kS3Index, object_key(bucket, key), encode(newest->object));
  return {};
}

}  // namespace

// Sequences are microseconds, so that an object from before versioning has its place among them.
std::uint64_t sequence_of(const StoredObject& object) {
  if (object.version.sequence != 0) return object.version.sequence;
  return static_cast<std::uint64_t>(object.last_modified.ms) * 1000;
}

std::string shown_version(const VersionMark& version) {
  return version.id.empty() ? std::string(kNull) : version.id;
}

bool is_version_id(std::string_view id) {
  return id == kNull || sequence_in(id).has_value();
}

Status place_object(Draft& draft, const StoredBucket& bucket, const std::string& key,
                    const std::optional<StoredObject>& before, platform::Random& random,
                    StoredObject& object) {
  if (bucket.versioning == Versioning::kNever) {
    if (before) TARN_CHECK(discard_body(draft, before->body));
  } else {
    TARN_TRY(object.version.sequence,
             next_sequence(draft, bucket.name, key, before, object.last_modified));
    if (bucket.versioning == Versioning::kEnabled) {
      object.version.id = make_id(object.version.sequence, random);
      if (before) archive(draft, bucket.name, key, *before);
    } else {
      TARN_CHECK(make_room_for_null(draft, bucket.name, key, before));
    }
  }
  draft.put(Space::kS3Index, object_key(bucket.name, key), encode(object));
  return {};
}

Result<Removed> remove_current(Draft& draft, const StoredBucket& bucket, const std::string& key,
                               const std::optional<StoredObject>& current, platform::Random& random,
                               Timestamp now) {
  if (bucket.versioning == Versioning::kNever) {
    if (current) TARN_CHECK(discard_body(draft, current->body));
    if (current) draft.remove(Space::kS3Index, object_key(bucket.name, key));
    return Removed();
  }
  StoredObject marker;
  marker.last_modified = now;
  marker.version.delete_marker = true;
  TARN_TRY(marker.version.sequence, next_sequence(draft, bucket.name, key, current, now));
  if (bucket.versioning == Versioning::kEnabled) {
    marker.version.id = make_id(marker.version.sequence, random);
    if (current) archive(draft, bucket.name, key, *current);
  } else {
    TARN_CHECK(make_room_for_null(draft, bucket.name, key, current));
  }
  if (current) draft.remove(Space::kS3Index, object_key(bucket.name, key));
  Removed removed;
  removed.version_id = shown_version(marker.version);
  removed.delete_marker = true;
  archive(draft, bucket.name, key, std::move(marker));
  return removed;
}

Result<Removed> remove_version(Draft& draft, const std::string& bucket, const std::string& key,
                               const StoredObject& version) {
  TARN_CHECK(discard_version_body(draft, version));
  TARN_TRY(const auto current, find_object(draft, bucket, key));
  const bool is_current = current && sequence_of(*current) == sequence_of(version);
  if (is_current) {
    draft.remove(Space::kS3Index, object_key(bucket, key));
  } else {
    take_out(draft, bucket, key, version);
  }
  if (is_current || !current) TARN_CHECK(promote(draft, bucket, key));
  return Removed{shown_version(version.version), version.version.delete_marker};
}

Status rewrite_version(Draft& draft, const std::string& bucket, const std::string& key,
                       const StoredObject& object) {
  TARN_TRY(const auto current, find_object(draft, bucket, key));
  const bool is_current = current && sequence_of(*current) == sequence_of(object);
  if (is_current) {
    draft.put(Space::kS3Index, object_key(bucket, key), encode(object));
  } else {
    draft.put(Space::kS3, version_key(bucket, key, object.version.sequence), encode(object));
  }
  return {};
}

Result<std::optional<StoredObject>> find_version(const Lookup& lookup, const std::string& bucket,
                                                 const std::string& key, std::string_view id) {
  const bool wants_null = id == kNull;
  const std::string_view wanted = wants_null ? std::string_view() : id;
  TARN_TRY(const auto current, lookup(Space::kS3Index, object_key(bucket, key)));
  if (current) {
    TARN_TRY(StoredObject object, decode_object(*current));
    if (object.version.id == wanted) return std::optional<StoredObject>(std::move(object));
  }
  std::optional<std::uint64_t> sequence = sequence_in(wanted);
  if (wants_null) {
    TARN_TRY(const auto pointer, lookup(Space::kS3, null_version_key(bucket, key)));
    if (pointer) {
      TARN_TRY(sequence, decode_sequence(*pointer));
    }
  }
  if (!sequence) return std::optional<StoredObject>();
  TARN_TRY(const auto record, lookup(Space::kS3, version_key(bucket, key, *sequence)));
  if (!record) return std::optional<StoredObject>();
  TARN_TRY(StoredObject object, decode_object(*record));
  if (object.version.id != wanted) return std::optional<StoredObject>();
  return std::optional<StoredObject>(std::move(object));
}

Result<std::optional<StoredObject>> find_marker(store::Store& store, const std::string& bucket,
                                                const std::string& key) {
  TARN_TRY(const auto found, store.scan(Space::kS3, versions_of_key(bucket, key), 1));
  if (found.empty()) return std::optional<StoredObject>();
  TARN_TRY(StoredObject newest, decode_object(found.front().second));
  if (!newest.version.delete_marker) return std::optional<StoredObject>();
  return std::optional<StoredObject>(std::move(newest));
}

}  // namespace tarn::s3
