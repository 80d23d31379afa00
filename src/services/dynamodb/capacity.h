// Capacity: the units that a request consumes, of its table and of each index.
//
// Place: dynamodb; told where ReturnConsumedCapacity asks, never enforced. Sources:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html (writes)
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html (reads of what an index
// does not hold). Threads: value types and pure functions.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/dynamodb/api.h"
#include "services/dynamodb/item_store.h"
#include "services/dynamodb/table.h"

namespace tarn::dynamodb {

struct Consumed {
  double table = 0;
  std::map<std::string, double> local;   // by index name
  std::map<std::string, double> global;  // by index name

  [[nodiscard]] double total() const;
  void add(const Consumed& other);
};

// Units of one read of so many bytes: one per 4 KiB, half where it need not be consistent.
[[nodiscard]] double read_units(std::size_t bytes, bool consistent);
// Units of one write: one per KiB.
[[nodiscard]] double write_units(std::size_t bytes);

// Of one item's write: the larger of what was and what is; of each index an entry that comes, goes
// or changes what it holds, two where it moves.
[[nodiscard]] Consumed consumed_by(const TableRecord& table, const Written& written);

// Of a Query or Scan: the index that was walked, or the table. `fetches_rest`: a local index's
// items are read from the table, for attributes that the index does not hold.
[[nodiscard]] Consumed consumed_by(const IndexRecord* index, const Walked& walked, bool consistent,
                                   bool fetches_rest);

enum class Charge : unsigned char {
  kPlain,
  kReadTwice,  // of a transaction, which prepares and commits
  kWriteTwice
};

// Whether `wanted` (ReturnConsumedCapacity) asks at all.
[[nodiscard]] bool is_wanted(const std::optional<std::string>& wanted);

// As the wire tells it; nothing where it is not wanted. Indexes are told apart where INDEXES is.
[[nodiscard]] std::optional<ConsumedCapacity> to_wire(const std::optional<std::string>& wanted,
                                                      const std::string& table,
                                                      const Consumed& consumed,
                                                      Charge charge = Charge::kPlain);

// The same of one item's write, which is counted only where it is wanted.
[[nodiscard]] std::optional<ConsumedCapacity> capacity_of(const std::optional<std::string>& wanted,
                                                          const TableRecord& table,
                                                          const Written& written);

// The same of several tables, by name.
[[nodiscard]] std::optional<std::vector<ConsumedCapacity>> to_wire(
    const std::optional<std::string>& wanted, const std::map<std::string, Consumed>& by_table,
    Charge charge = Charge::kPlain);

}  // namespace tarn::dynamodb
