#include "services/s3/embedded_store.h"

#include <algorithm>
#include <utility>

#include "platform/log.h"
#include "services/s3/body_reader.h"
#include "services/s3/faults.h"
#include "services/s3/record.h"
#include "services/s3/versions.h"
#include "wire/dates.h"
#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

using store::Space;

// An object replaced between two reads is opened anew; so many times in a row never happens by
// chance.
constexpr int kOpenAttempts = 100;

// S3 keeps times of objects to the second.
Timestamp whole_seconds(Timestamp time) {
  return {time.ms / 1000 * 1000};
}

// What the answer says of a delete marker.
void name_marker(const StoredObject& marker, tarn::Error& error) {
  error.headers.emplace_back("x-amz-delete-marker", "true");
  error.headers.emplace_back("x-amz-version-id", shown_version(marker.version));
}

// Where `key` falls under a common prefix: that prefix.
std::string_view common_prefix(std::string_view key, std::string_view prefix,
                               std::string_view delimiter) {
  if (delimiter.empty()) return {};
  const std::size_t at = key.find(delimiter, prefix.size());
  return at == std::string_view::npos ? std::string_view() : key.substr(0, at + delimiter.size());
}

}  // namespace

Result<StoredBucket> find_bucket(Draft& draft, const std::string& bucket) {
  TARN_TRY(const auto record, draft.get(Space::kS3, bucket_key(bucket)));
  if (!record) return no_such_bucket(bucket);
  return decode_bucket(bucket, *record);
}

Result<std::optional<StoredObject>> find_object(Draft& draft, const std::string& bucket,
                                                const std::string& key) {
  TARN_TRY(const auto record, draft.get(Space::kS3Index, object_key(bucket, key)));
  if (!record) return std::optional<StoredObject>();
  TARN_TRY(StoredObject object, decode_object(*record));
  return std::optional<StoredObject>(std::move(object));
}

Status discard_body(Draft& draft, const BodyRef& body) {
  const std::string key = body_key(body.id);
  if (body.kind == BodyKind::kFile) draft.discard_file(body.id);
  if (body.kind == BodyKind::kComposite) {
    TARN_TRY(const auto record, draft.get(Space::kS3, key));
    if (record) {
      TARN_TRY(const BodyRecord composite, decode_body(*record));
      for (const Segment& segment : composite.segments) {
        TARN_CHECK(discard_body(draft, segment.body));
      }
    }
  }
  draft.remove(Space::kS3, key);
  return {};
}

EmbeddedStore::EmbeddedStore(platform::Platform platform, store::Store& store,
                             const std::string& directory, Encryption& encryption)
    : platform_(platform),
      store_(store),
      encryption_(encryption),
      bodies_(platform, store, directory),
      ledger_(
          store, platform.tasks, [this] { return bodies_.admit(0); },
          [this](const std::vector<BodyId>& ids) { bodies_.discard(ids); }),
      uploads_(platform, bodies_, ledger_, encryption) {}

Task<Status> EmbeddedStore::start() {
  auto prepare = [this] {
    return bodies_.prepare();
  };
  TARN_CO_CHECK(co_await platform_.tasks.offload(prepare));
  bodies_.post([this] {
    const auto removed = bodies_.sweep();
    if (!removed.ok()) {
      spdlog::warn("s3: the sweep of orphaned bodies stopped: {}", removed.error().message);
    } else if (*removed > 0) {
      spdlog::info("s3: removed {} bodies that no object names", *removed);
    }
  });
  co_return Status();
}

Task<void> EmbeddedStore::stop() {
  bodies_.stop();
  co_return;
}

Result<StoredBucket> EmbeddedStore::bucket(std::string_view name) {
  TARN_TRY(const auto record, store_.get(Space::kS3, bucket_key(name)));
  if (!record) return no_such_bucket(name);
  return decode_bucket(name, *record);
}

Result<std::vector<StoredBucket>> EmbeddedStore::buckets() {
  TARN_TRY(const auto records, store_.scan(Space::kS3, kBucketPrefix));
  std::vector<StoredBucket> out;
  for (const auto& [key, value] : records) {
    TARN_TRY(StoredBucket bucket, decode_bucket(key.substr(kBucketPrefix.size()), value));
    out.push_back(std::move(bucket));
  }
  return out;
}

Task<Status> EmbeddedStore::create_bucket(StoredBucket bucket) {
  Ledger::Mutation mutation = [&bucket](Draft& draft) -> Status {
    const Result<StoredBucket> taken = find_bucket(draft, bucket.name);
    if (taken.ok() && taken->owner == bucket.owner) {
      tarn::Error error("BucketAlreadyOwnedByYou",
                        "Your previous request to create the named bucket succeeded and you "
                        "already own it.",
                        409);
      error.details.emplace_back("BucketName", bucket.name);
      return error;
    }
    if (taken.ok()) {
      tarn::Error error("BucketAlreadyExists",
                        "The requested bucket name is not available. The bucket namespace is "
                        "shared by all users of the system. Please select a different name and "
                        "try again.",
                        409);
      error.details.emplace_back("BucketName", bucket.name);
      return error;
    }
    if (!taken.error().is("NoSuchBucket")) return taken.error();
    draft.put(Space::kS3, bucket_key(bucket.name), encode(bucket));
    for (const auto& [name, document] : bucket.settings) {
      draft.put(Space::kS3, setting_key(bucket.name, name), encode_setting(document));
    }
    return {};
  };
  co_return co_await ledger_.apply(std::move(mutation));
}

Task<Status> EmbeddedStore::remove_bucket(std::string name) {
  Ledger::Mutation mutation = [&name](Draft& draft) -> Status {
    TARN_CHECK(find_bucket(draft, name));
    TARN_TRY(const auto object, draft.scan(Space::kS3Index, object_key(name, ""), 1));
    TARN_TRY(const auto upload, draft.scan(Space::kS3, upload_prefix(name, ""), 1));
    TARN_TRY(const auto version, draft.scan(Space::kS3, version_prefix(name, ""), 1));
    if (!object.empty() || !upload.empty() || !version.empty()) {
      tarn::Error error(
          "BucketNotEmpty",
          !version.empty() ? "The bucket you tried to delete is not empty. You must delete all "
                             "versions in the bucket."
          : object.empty() ? "The bucket you tried to delete has multipart uploads in "
                             "progress"
                           : "The bucket you tried to delete is not empty",
          409);
      error.details.emplace_back("BucketName", name);
      return error;
    }
    TARN_TRY(const auto settings, draft.scan(Space::kS3, setting_key(name, ""), SIZE_MAX));
    for (const auto& [key, document] : settings) draft.remove(Space::kS3, key);
    draft.remove(Space::kS3, sweep_key(name));
    draft.remove(Space::kS3, bucket_key(name));
    return {};
  };
  co_return co_await ledger_.apply(std::move(mutation), false);
}

Task<Status> EmbeddedStore::set_versioning(std::string bucket, Versioning versioning) {
  Ledger::Mutation mutation = [&](Draft& draft) -> Status {
    TARN_TRY(StoredBucket found, find_bucket(draft, bucket));
    found.versioning = versioning;
    draft.put(Space::kS3, bucket_key(bucket), encode(found));
    return {};
  };
  co_return co_await ledger_.apply(std::move(mutation));
}

Task<Result<StoredObject>> EmbeddedStore::put(std::string bucket, std::string key, wire::Body body,
                                              PutOptions options) {
  TARN_CO_CHECK(options.integrity.check_form());
  TARN_CO_TRY(StoredBucket target, this->bucket(bucket));
  bool existed = false;
  if (!options.condition.empty()) {
    const Result<StoredObject> current = head(bucket, key);
    existed = current.ok();
    if (!existed && !current.error().is("NoSuchKey")) co_return current.error();
    TARN_CO_CHECK(check(options.condition, existed ? &*current : nullptr, existed));
  }
  if (!body) body = wire::make_body({});
  std::string name = key;
  TARN_CO_TRY(ObjectKey sealing,
              co_await encryption_.begin(std::move(target), std::move(name),
                                         std::move(options.encryption), std::move(options.caller)));
  Intention intention = options.integrity.intention(sealing.stored.kind);
  intention.data_key = std::move(sealing.data_key);
  TARN_CO_TRY(NewBody received, co_await bodies_.receive(*body, std::move(intention)));
  TARN_CO_TRY(StoredChecksum checksum, options.integrity.verify(received, body->trailers()));
  StoredObject object;
  object.size = received.size();
  object.etag = wire::to_hex(received.etag());
  object.checksum = std::move(checksum);
  object.body = received.ref();
  object.headers = std::move(options.headers);
  object.tags = std::move(options.tags);
  object.encryption = std::move(sealing.stored);
  Ledger::Mutation mutation = [&](Draft& draft) -> Status {
    TARN_TRY(const StoredBucket home, find_bucket(draft, bucket));
    TARN_TRY(const auto before, find_object(draft, bucket, key));
    TARN_CHECK(check(options.condition, before ? &*before : nullptr, existed));
    object.last_modified = whole_seconds(platform_.clock.now());
    draft.put(Space::kS3, body_key(object.body.id), encode(received.record()));
    return place_object(draft, home, key, before, platform_.random, object);
  };
  TARN_CO_CHECK(co_await ledger_.apply(std::move(mutation)));
  received.keep();
  co_return object;
}

Result<StoredObject> EmbeddedStore::head(std::string_view bucket, std::string_view key) {
  TARN_TRY(const auto record, store_.get(Space::kS3Index, object_key(bucket, key)));
  if (record) return decode_object(*record);
  TARN_TRY(const StoredBucket home, this->bucket(bucket));
  tarn::Error absent = no_such_key(key);
  if (home.versioning == Versioning::kNever) return absent;
  TARN_TRY(const auto marker, find_marker(store_, home.name, std::string(key)));
  if (marker) name_marker(*marker, absent);
  return absent;
}

Result<StoredObject> EmbeddedStore::head_version(std::string_view bucket, std::string_view key,
                                                 std::string_view version) {
  TARN_CHECK(this->bucket(bucket));
  if (!is_version_id(version)) return invalid_version(version);
  const Lookup lookup = [this](Space space, const std::string& name) {
    return store_.get(space, name);
  };
  TARN_TRY(const auto found, find_version(lookup, std::string(bucket), std::string(key), version));
  if (!found) return no_such_version(key, version);
  if (!found->version.delete_marker) return *found;
  tarn::Error marker("MethodNotAllowed",
                     "The specified method is not allowed against this resource.", 405);
  marker.headers.emplace_back("Allow", "DELETE");
  marker.headers.emplace_back("Last-Modified", wire::to_http_date(found->last_modified));
  name_marker(*found, marker);
  return marker;
}

Result<OpenObject> EmbeddedStore::open(std::string_view bucket, std::string_view key) {
  return open_any(bucket, key, {});
}

Result<OpenObject> EmbeddedStore::open_version(std::string_view bucket, std::string_view key,
                                               std::string_view version) {
  if (version.empty()) return invalid_version(version);
  return open_any(bucket, key, version);
}

// `version` is empty: the current object.
Result<OpenObject> EmbeddedStore::open_any(std::string_view bucket, std::string_view key,
                                           std::string_view version) {
  for (int attempt = 0; attempt < kOpenAttempts; ++attempt) {
    TARN_TRY(std::optional<OpenObject> opened, try_open(bucket, key, version));
    if (opened) return std::move(*opened);
  }
  return tarn::Error(code::kCorrupt, "the body of s3://" + std::string(bucket) + "/" +
                                         std::string(key) + " is missing");
}

// nullopt: the object went or was replaced meanwhile.
Result<std::optional<OpenObject>> EmbeddedStore::try_open(std::string_view bucket,
                                                          std::string_view key,
                                                          std::string_view version) {
  OpenObject object;
  TARN_TRY(object.info, version.empty() ? head(bucket, key) : head_version(bucket, key, version));
  const BodyRef& body = object.info.body;
  const std::string record_key = body_key(body.id);
  // Once pinned, a file stays if its record is still there.
  if (body.kind == BodyKind::kFile) object.pin = bodies_.pin({body.id});
  TARN_TRY(const auto record, store_.get(Space::kS3, record_key));
  if (!record) return std::optional<OpenObject>();
  TARN_TRY(BodyRecord stored, decode_body(*record));
  object.bucket = bucket;
  object.key = key;
  if (body.kind == BodyKind::kInline) {
    if (wire::crc32c(stored.data) != stored.crc32c) {
      return tarn::Error(code::kCorrupt, "the checksum of s3://" + std::string(bucket) + "/" +
                                             std::string(key) + " does not hold");
    }
    object.data = std::move(stored.data);
    return std::optional<OpenObject>(std::move(object));
  }
  if (body.kind == BodyKind::kFile) {
    object.segments.push_back({body, stored.size, 0, {}});
    return std::optional<OpenObject>(std::move(object));
  }
  std::vector<BodyId> files;
  for (const Segment& segment : stored.segments) {
    if (segment.body.kind == BodyKind::kFile) files.push_back(segment.body.id);
  }
  object.pin = bodies_.pin(std::move(files));
  TARN_TRY(const auto still, store_.get(Space::kS3, record_key));
  if (!still) return std::optional<OpenObject>();
  object.segments = std::move(stored.segments);
  return std::optional<OpenObject>(std::move(object));
}

Task<Result<wire::Body>> EmbeddedStore::read(const OpenObject& object, std::uint64_t offset,
                                             std::uint64_t length) {
  const StoredObject& info = object.info;
  TARN_CO_TRY(std::string data_key,
              encryption_.open(object.caller, object.bucket, object.key, info.encryption));
  if (info.body.kind == BodyKind::kInline) {
    TARN_CO_TRY(const std::string data,
                open_inline(object.data, info.body.id, info.size, data_key));
    co_return wire::make_body(
        data.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)));
  }
  std::vector<Segment> segments = object.segments;
  Bodies::Pin pin = object.pin;
  co_return co_await bodies_.read(std::move(segments), offset, length, std::move(pin),
                                  std::move(data_key));
}

Result<ListPage> EmbeddedStore::list(const ListQuery& query) {
  TARN_CHECK(bucket(query.bucket));
  ListPage page;
  if (query.max_keys == 0) return page;
  const std::string base = object_key(query.bucket, query.prefix);
  const std::size_t head = query.bucket.size() + 1;
  const auto cursor = store_.cursor(Space::kS3Index);
  const std::string_view after_prefix = common_prefix(query.after, query.prefix, query.delimiter);
  if (query.after < query.prefix) {
    cursor->seek(base);
  } else if (!query.after.empty() && after_prefix == query.after) {
    cursor->seek(store::prefix_end(
        object_key(query.bucket, query.after)));  // a page that ended with a common prefix
  } else {
    cursor->seek(object_key(query.bucket, query.after));
  }
  while (cursor->valid() && cursor->key().starts_with(base)) {
    const std::string key(cursor->key().substr(head));
    if (key <= query.after && !query.after.empty()) {
      cursor->next();
      continue;
    }
    if (page.objects.size() + page.common_prefixes.size() == query.max_keys) {
      page.truncated = true;
      break;
    }
    const std::string_view folder = common_prefix(key, query.prefix, query.delimiter);
    if (!folder.empty()) {
      page.common_prefixes.emplace_back(folder);
      page.last = folder;
      cursor->seek(store::prefix_end(object_key(query.bucket, folder)));
      continue;
    }
    TARN_TRY(StoredObject info, decode_object_summary(cursor->value()));
    page.objects.push_back({key, std::move(info)});
    page.last = key;
    cursor->next();
  }
  TARN_CHECK(cursor->status());
  return page;
}

Result<VersionPage> EmbeddedStore::list_versions(const VersionQuery& query) {
  TARN_CHECK(bucket(query.bucket));
  return s3::list_versions(store_, query);
}

Task<Result<StoredObject>> EmbeddedStore::set_tags(std::string bucket, std::string key,
                                                   std::string version, Tags tags) {
  StoredObject object;
  Ledger::Mutation mutation = [&](Draft& draft) -> Status {
    TARN_CHECK(find_bucket(draft, bucket));
    // Conditions and refusals are those of a read, which mutations do not change meanwhile.
    const Lookup lookup = [&draft](Space space, const std::string& name) {
      return draft.get(space, name);
    };
    TARN_TRY(const auto found, version.empty() ? find_object(draft, bucket, key)
                                               : find_version(lookup, bucket, key, version));
    if (!found) return version.empty() ? no_such_key(key) : no_such_version(key, version);
    object = *found;
    object.tags = std::move(tags);
    return rewrite_version(draft, bucket, key, object);
  };
  TARN_CO_CHECK(version.empty() ? head(bucket, key) : head_version(bucket, key, version));
  TARN_CO_CHECK(co_await ledger_.apply(std::move(mutation)));
  co_return object;
}

Result<Removed> EmbeddedStore::remove_one(Draft& draft, const StoredBucket& bucket,
                                          const Removal& removal, platform::Platform& platform) {
  if (removal.version.empty()) {
    TARN_TRY(const auto current, find_object(draft, bucket.name, removal.key));
    TARN_CHECK(check(removal.condition, current ? &*current : nullptr, false));
    return remove_current(draft, bucket, removal.key, current, platform.random,
                          whole_seconds(platform.clock.now()));
  }
  if (!is_version_id(removal.version)) return invalid_version(removal.version);
  const Lookup lookup = [&draft](Space space, const std::string& name) {
    return draft.get(space, name);
  };
  TARN_TRY(const auto found, find_version(lookup, bucket.name, removal.key, removal.version));
  TARN_CHECK(check(removal.condition, found ? &*found : nullptr, false));
  if (!found) return Removed{removal.version, false};
  TARN_TRY(Removed removed, remove_version(draft, bucket.name, removal.key, *found));
  if (bucket.versioning == Versioning::kNever) removed.version_id.clear();
  return removed;
}

Task<Result<std::vector<Result<Removed>>>> EmbeddedStore::remove(std::string bucket,
                                                                 std::vector<Removal> removals) {
  std::vector<Result<Removed>> outcomes;
  Ledger::Mutation mutation = [&](Draft& draft) -> Status {
    TARN_TRY(const StoredBucket home, find_bucket(draft, bucket));
    for (const Removal& removal : removals) {
      Result<Removed> outcome = remove_one(draft, home, removal, platform_);
      const bool damaged = !outcome.ok() && outcome.error().code.starts_with("Tarn.");
      if (damaged) return std::move(outcome).error();
      outcomes.push_back(std::move(outcome));
    }
    return {};
  };
  TARN_CO_CHECK(co_await ledger_.apply(std::move(mutation), false));
  co_return outcomes;
}

}  // namespace tarn::s3
