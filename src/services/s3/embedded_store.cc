#include "services/s3/embedded_store.h"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "services/s3/faults.h"
#include "services/s3/record.h"
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

Status replace_object(Draft& draft, const std::string& bucket, const std::string& key,
                      const std::optional<StoredObject>& before, const StoredObject& object) {
  if (before) TARN_CHECK(discard_body(draft, before->body));
  draft.put(Space::kS3Index, object_key(bucket, key), encode(object));
  return {};
}

EmbeddedStore::EmbeddedStore(platform::Platform platform, store::Store& store,
                             const std::string& directory)
    : platform_(platform),
      store_(store),
      bodies_(platform, store, directory),
      ledger_(
          store, platform.tasks, [this] { return bodies_.admit(0); },
          [this](const std::vector<BodyId>& ids) { bodies_.discard(ids); }),
      uploads_(platform, bodies_, ledger_) {}

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
    return {};
  };
  co_return co_await ledger_.apply(std::move(mutation));
}

Task<Status> EmbeddedStore::remove_bucket(std::string name) {
  Ledger::Mutation mutation = [&name](Draft& draft) -> Status {
    TARN_CHECK(find_bucket(draft, name));
    TARN_TRY(const auto object, draft.scan(Space::kS3Index, object_key(name, ""), 1));
    TARN_TRY(const auto upload, draft.scan(Space::kS3, upload_prefix(name, ""), 1));
    if (!object.empty() || !upload.empty()) {
      tarn::Error error("BucketNotEmpty",
                        object.empty() ? "The bucket you tried to delete has multipart uploads in "
                                         "progress"
                                       : "The bucket you tried to delete is not empty",
                        409);
      error.details.emplace_back("BucketName", name);
      return error;
    }
    draft.remove(Space::kS3, bucket_key(name));
    return {};
  };
  co_return co_await ledger_.apply(std::move(mutation), false);
}

Task<Result<StoredObject>> EmbeddedStore::put(std::string bucket, std::string key, wire::Body body,
                                              PutOptions options) {
  TARN_CO_CHECK(options.integrity.check_form());
  TARN_CO_CHECK(this->bucket(bucket));
  bool existed = false;
  if (!options.condition.empty()) {
    const Result<StoredObject> current = head(bucket, key);
    existed = current.ok();
    if (!existed && !current.error().is("NoSuchKey")) co_return current.error();
    TARN_CO_CHECK(check(options.condition, existed ? &*current : nullptr, existed));
  }
  if (!body) body = wire::make_body({});
  std::vector<wire::ChecksumAlgorithm> wanted = options.integrity.wanted();
  TARN_CO_TRY(NewBody received,
              co_await bodies_.receive(*body, std::move(wanted), kMaxUploadBytes));
  TARN_CO_TRY(StoredChecksum checksum, options.integrity.verify(received, body->trailers()));
  StoredObject object;
  object.size = received.size();
  object.etag = wire::to_hex(received.md5());
  object.checksum = std::move(checksum);
  object.body = received.ref();
  object.headers = std::move(options.headers);
  Ledger::Mutation mutation = [&](Draft& draft) -> Status {
    TARN_CHECK(find_bucket(draft, bucket));
    TARN_TRY(const auto before, find_object(draft, bucket, key));
    TARN_CHECK(check(options.condition, before ? &*before : nullptr, existed));
    object.last_modified = whole_seconds(platform_.clock.now());
    draft.put(Space::kS3, body_key(object.body.id), encode(received.record()));
    return replace_object(draft, bucket, key, before, object);
  };
  TARN_CO_CHECK(co_await ledger_.apply(std::move(mutation)));
  received.keep();
  co_return object;
}

Result<StoredObject> EmbeddedStore::head(std::string_view bucket, std::string_view key) {
  TARN_TRY(const auto record, store_.get(Space::kS3Index, object_key(bucket, key)));
  if (record) return decode_object(*record);
  TARN_CHECK(this->bucket(bucket));
  return no_such_key(key);
}

Result<OpenObject> EmbeddedStore::open(std::string_view bucket, std::string_view key) {
  for (int attempt = 0; attempt < kOpenAttempts; ++attempt) {
    TARN_TRY(std::optional<OpenObject> opened, try_open(bucket, key));
    if (opened) return std::move(*opened);
  }
  return tarn::Error(code::kCorrupt, "the body of s3://" + std::string(bucket) + "/" +
                                         std::string(key) + " is missing");
}

// nullopt: the object went or was replaced meanwhile.
Result<std::optional<OpenObject>> EmbeddedStore::try_open(std::string_view bucket,
                                                          std::string_view key) {
  OpenObject object;
  TARN_TRY(object.info, head(bucket, key));
  const BodyRef& body = object.info.body;
  const std::string record_key = body_key(body.id);
  // Once pinned, a file stays if its record is still there.
  if (body.kind == BodyKind::kFile) object.pin = bodies_.pin({body.id});
  TARN_TRY(const auto record, store_.get(Space::kS3, record_key));
  if (!record) return std::optional<OpenObject>();
  TARN_TRY(BodyRecord stored, decode_body(*record));
  if (body.kind == BodyKind::kInline) {
    if (wire::crc32c(stored.data) != stored.crc32c || stored.data.size() != object.info.size) {
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
  if (object.info.body.kind == BodyKind::kInline) {
    co_return wire::make_body(
        object.data.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)));
  }
  std::vector<Segment> segments = object.segments;
  Bodies::Pin pin = object.pin;
  co_return co_await bodies_.read(std::move(segments), offset, length, std::move(pin));
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

Task<Result<std::vector<Status>>> EmbeddedStore::remove(std::string bucket,
                                                        std::vector<Removal> removals) {
  std::vector<Status> outcomes;
  Ledger::Mutation mutation = [&](Draft& draft) -> Status {
    TARN_CHECK(find_bucket(draft, bucket));
    for (const Removal& removal : removals) {
      TARN_TRY(const auto current, find_object(draft, bucket, removal.key));
      Status allowed = check(removal.condition, current ? &*current : nullptr, false);
      if (allowed.ok() && current) {
        TARN_CHECK(discard_body(draft, current->body));
        draft.remove(Space::kS3Index, object_key(bucket, removal.key));
      }
      outcomes.push_back(std::move(allowed));
    }
    return {};
  };
  TARN_CO_CHECK(co_await ledger_.apply(std::move(mutation), false));
  co_return outcomes;
}

}  // namespace tarn::s3
