// Table: what is known of a table, durable and in memory.
//
// Place: dynamodb. The record's format is described in docs/formats/dynamodb.md ("Tables"),
// version 1. Threads: a TableRecord is constant once shared; a Table is safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"
#include "services/dynamodb/expression/key_condition.h"

namespace tarn::dynamodb {

struct TableDescription;

struct IndexRecord {
  std::uint16_t number = 1;  // in the keys of its entries; never used twice in a table
  std::string name;
  bool global = true;
  KeySchema keys;
  std::string projection_type;  // ALL, KEYS_ONLY, INCLUDE
  std::vector<std::string> non_key_attributes;
  std::string status;           // CREATING, ACTIVE
  std::int64_t read_units = 0;  // provisioned
  std::int64_t write_units = 0;
};

struct TableRecord {
  std::uint64_t id = 0;  // in the keys of its items; never used twice
  std::string account;
  std::string region;
  std::string name;
  std::string uuid;    // TableId
  std::string status;  // CREATING, ACTIVE, UPDATING, DELETING
  KeySchema keys;
  std::map<std::string, Type> attributes;  // of AttributeDefinitions
  std::string billing_mode;                // PROVISIONED, PAY_PER_REQUEST
  std::int64_t read_units = 0;
  std::int64_t write_units = 0;
  Timestamp created;
  Timestamp on_demand_since;  // 0: was created provisioned
  std::vector<IndexRecord> indexes;
  std::uint16_t next_index = 1;
  std::string ttl_attribute;  // empty: off
  std::map<std::string, std::string> tags;
  bool deletion_protection = false;
  std::string table_class;  // empty: STANDARD, never set

  [[nodiscard]] std::string arn() const;
  [[nodiscard]] const IndexRecord* index(std::string_view index_name) const;
};

[[nodiscard]] std::string encode_table(const TableRecord& record);
// Errors: kCorrupt.
[[nodiscard]] Result<TableRecord> decode_table(std::string_view text);

class Table {
 public:
  explicit Table(TableRecord record);

  // What the table is now; a change replaces the record, so it stays as it was for whoever holds
  // it.
  [[nodiscard]] std::shared_ptr<const TableRecord> record() const;
  void set_record(TableRecord record);

  // Held shared while items are written, exclusive while the table's structure changes or it goes.
  // Never across a co_await.
  [[nodiscard]] std::shared_mutex& gate() { return gate_; }

  // About how many items and bytes there are (AWS brings these up to date every six hours).
  std::atomic<std::int64_t> items{0};
  std::atomic<std::int64_t> bytes{0};

 private:
  std::shared_mutex gate_;
  mutable std::mutex mutex_;
  std::shared_ptr<const TableRecord> record_;
};

[[nodiscard]] TableDescription describe(const Table& table);

}  // namespace tarn::dynamodb
