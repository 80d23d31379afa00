#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "store/store.h"

namespace tarn::store {
namespace {

constexpr std::size_t kSpaces = static_cast<std::size_t>(Space::kCount);
constexpr std::size_t kStripes = 256;

// Names on disk: never renamed, only added to (docs/formats/store.md).
constexpr std::array<std::string_view, kSpaces> kSpaceNames = {"account",
                                                               "iam",
                                                               "s3",
                                                               "s3index",
                                                               "kinesis",
                                                               "dynamodb",
                                                               "dynamodb_items",
                                                               "glue",
                                                               "livy",
                                                               "kms",
                                                               "emr",
                                                               "cloudformation",
                                                               "ec2",
                                                               "lambda",
                                                               "logs",
                                                               "servicecatalog",
                                                               "secretsmanager",
                                                               "ssm",
                                                               "cloudtrail"};

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}

Error to_error(const rocksdb::Status& status) {
  if (status.IsNoSpace())
    return {code::kDiskFull, "the disk of the data directory is full: " + status.ToString()};
  if (status.IsCorruption())
    return {code::kCorrupt, "the metadata store is damaged: " + status.ToString()};
  return {code::kIo, "the metadata store failed: " + status.ToString()};
}

class RocksCursor final : public Cursor {
 public:
  explicit RocksCursor(std::unique_ptr<rocksdb::Iterator> iterator)
      : iterator_(std::move(iterator)) {}

  void seek(std::string_view key) override { iterator_->Seek(slice(key)); }
  void seek_for_prev(std::string_view key) override { iterator_->SeekForPrev(slice(key)); }
  void next() override { iterator_->Next(); }
  void prev() override { iterator_->Prev(); }
  [[nodiscard]] bool valid() const override { return iterator_->Valid(); }
  [[nodiscard]] std::string_view key() const override { return iterator_->key().ToStringView(); }
  [[nodiscard]] std::string_view value() const override {
    return iterator_->value().ToStringView();
  }
  [[nodiscard]] Status status() const override {
    const rocksdb::Status status = iterator_->status();
    return status.ok() ? Status() : Status(to_error(status));
  }

 private:
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

class RocksStore final : public Store {
 public:
  explicit RocksStore(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;
  ~RocksStore() override {
    for (auto* family : owned_) db_->DestroyColumnFamilyHandle(family);
    db_->Close();
  }

  // Handles of what has been opened or made.
  void add(const std::vector<rocksdb::ColumnFamilyHandle*>& families) {
    for (auto* family : families) {
      owned_.push_back(family);
      const auto place = std::find(kSpaceNames.begin(), kSpaceNames.end(), family->GetName());
      // RocksDB's own default column family stays empty.
      if (place != kSpaceNames.end()) families_[place - kSpaceNames.begin()] = family;
    }
  }

  Result<std::optional<std::string>> get(Space space, std::string_view key) override {
    std::string value;
    const auto status = db_->Get({}, family(space), slice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return to_error(status);
    return std::optional<std::string>(std::move(value));
  }

  std::unique_ptr<Cursor> cursor(Space space) override {
    return std::make_unique<RocksCursor>(
        std::unique_ptr<rocksdb::Iterator>(db_->NewIterator({}, family(space))));
  }

  Status commit(const Batch& batch) override {
    rocksdb::WriteBatch writes;
    for (const auto& edit : batch.edits()) {
      auto* target = family(edit.space);
      switch (edit.kind) {
        case Batch::Edit::Kind::kPut: writes.Put(target, slice(edit.key), slice(edit.value)); break;
        case Batch::Edit::Kind::kRemove: writes.Delete(target, slice(edit.key)); break;
        case Batch::Edit::Kind::kRemoveRange:
          writes.DeleteRange(target, slice(edit.key), slice(edit.value));
          break;
      }
    }
    rocksdb::WriteOptions durable;
    durable.sync = true;
    const auto status = db_->Write(durable, &writes);
    return status.ok() ? Status() : Status(to_error(status));
  }

  std::unique_lock<std::mutex> lock(Space space, std::string_view key) override {
    const std::size_t hash =
        std::hash<std::string_view>()(key) * 31 + static_cast<std::size_t>(space);
    return std::unique_lock(stripes_[hash % kStripes]);
  }

 private:
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Space space) const {
    return families_[static_cast<std::size_t>(space)];
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> owned_;
  std::array<rocksdb::ColumnFamilyHandle*, kSpaces> families_{};  // by Space
  std::array<std::mutex, kStripes> stripes_;
};

rocksdb::Options store_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  // Metadata is small; an idle server stays under 40 MB (issue "Stream and store"), so buffers are
  // kept modest.
  options.db_write_buffer_size = 32 << 20;
  options.write_buffer_size = 8 << 20;
  options.max_open_files = 256;
  options.keep_log_file_num = 2;
  options.max_total_wal_size = 64 << 20;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_cache = rocksdb::NewLRUCache(32 << 20);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& directory) {
  const rocksdb::Options options = store_options();
  // None where there is no store yet; what else may be wrong, opening it tells.
  std::vector<std::string> there;
  rocksdb::DB::ListColumnFamilies(options, directory, &there).PermitUncheckedError();
  std::vector<rocksdb::ColumnFamilyDescriptor> opened;
  opened.emplace_back(rocksdb::kDefaultColumnFamilyName, options);
  std::vector<std::string> missing;
  for (const std::string_view name : kSpaceNames) {
    if (std::find(there.begin(), there.end(), name) == there.end()) {
      missing.emplace_back(name);
    } else {
      opened.emplace_back(std::string(name), options);
    }
  }
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* db = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, directory, opened, &families, &db);
  if (!status.ok()) return to_error(status);
  auto store = std::make_unique<RocksStore>(std::unique_ptr<rocksdb::DB>(db));
  store->add(families);
  if (missing.empty()) return std::unique_ptr<Store>(std::move(store));
  // All by one call: after each, RocksDB writes down the options of every family, and reads them
  // again.
  std::vector<rocksdb::ColumnFamilyHandle*> made;
  status = db->CreateColumnFamilies(options, missing, &made);
  store->add(made);
  if (!status.ok()) return to_error(status);
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace tarn::store
