// Capacity: what reads and writes are charged for, of table and indexes.
#include "services/dynamodb/capacity.h"

#include <string>

#include <gtest/gtest.h>

namespace tarn::dynamodb {
namespace {

Value text(std::string value) {
  return Value(std::move(value));
}

IndexRecord index(const std::string& name, bool global, const std::string& projection) {
  IndexRecord out;
  out.name = name;
  out.number = name == "by-owner" ? 1 : 2;
  out.global = global;
  out.keys.hash = {global ? "owner" : "id", Type::kString};
  if (!global) out.keys.range = KeyAttribute{"date", Type::kString};
  out.projection_type = projection;
  return out;
}

TableRecord table_of(std::vector<IndexRecord> indexes) {
  TableRecord out;
  out.name = "t";
  out.keys.hash = {"id", Type::kString};
  out.indexes = std::move(indexes);
  return out;
}

Written written(std::optional<Item> before, std::optional<Item> after) {
  Written out;
  out.before = std::move(before);
  out.after = std::move(after);
  return out;
}

TEST(Capacity, AWriteCostsOneUnitForEachKibibyteOfTheLargerItem) {
  const auto table = table_of({});
  const Item small = {{"id", text("1")}};
  Item large = small;
  large["body"] = text(std::string(3000, 'x'));
  EXPECT_EQ(consumed_by(table, written(std::nullopt, small)).total(), 1);
  EXPECT_EQ(consumed_by(table, written(small, large)).total(), 3);
  EXPECT_EQ(consumed_by(table, written(large, std::nullopt)).total(), 3);
  EXPECT_EQ(consumed_by(table, written(std::nullopt, std::nullopt)).total(), 1);
}

TEST(Capacity, AnIndexCostsWhereItsEntryComesGoesMovesOrChanges) {
  const auto table = table_of({index("by-owner", true, "KEYS_ONLY")});
  const Item without = {{"id", text("1")}};
  const Item alice = {{"id", text("1")}, {"owner", text("alice")}};
  Item more = alice;
  more["note"] = text("n");
  const Item bob = {{"id", text("1")}, {"owner", text("bob")}};
  const auto of_index = [&](std::optional<Item> before, std::optional<Item> after) {
    return consumed_by(table, written(std::move(before), std::move(after))).global["by-owner"];
  };
  EXPECT_EQ(of_index(std::nullopt, without), 0);
  EXPECT_EQ(of_index(std::nullopt, alice), 1);
  EXPECT_EQ(of_index(alice, without), 1);
  EXPECT_EQ(of_index(alice, bob), 2);
  EXPECT_EQ(of_index(alice, alice), 0);
  EXPECT_EQ(of_index(alice, more), 0) << "the index does not hold what changed";
}

TEST(Capacity, AnIndexThatHoldsAllChangesWithEveryAttribute) {
  const auto table = table_of({index("by-owner", true, "ALL")});
  const Item before = {{"id", text("1")}, {"owner", text("alice")}};
  Item after = before;
  after["note"] = text(std::string(1500, 'n'));
  const Consumed consumed = consumed_by(table, written(before, after));
  EXPECT_EQ(consumed.table, 2);
  EXPECT_EQ(consumed.global.at("by-owner"), 2);
  EXPECT_EQ(consumed.total(), 4);
}

TEST(Capacity, AQueryCostsTheIndexThatItWalks) {
  Walked walked;
  walked.bytes = 5000;
  walked.item_pages = 4;
  EXPECT_EQ(consumed_by(nullptr, walked, true, false).table, 2);
  EXPECT_EQ(consumed_by(nullptr, walked, false, false).table, 1);
  const auto global = index("by-owner", true, "ALL");
  const Consumed of_global = consumed_by(&global, walked, false, false);
  EXPECT_EQ(of_global.table, 0);
  EXPECT_EQ(of_global.global.at("by-owner"), 1);
  const auto local = index("by-date", false, "KEYS_ONLY");
  const Consumed of_local = consumed_by(&local, walked, true, true);
  EXPECT_EQ(of_local.local.at("by-date"), 2);
  EXPECT_EQ(of_local.table, 4);
}

TEST(Capacity, IsToldAsItIsAskedFor) {
  Consumed consumed;
  consumed.table = 1;
  consumed.global["g"] = 2;
  EXPECT_FALSE(to_wire(std::nullopt, "t", consumed));
  EXPECT_FALSE(to_wire("NONE", "t", consumed));
  const auto total = to_wire("TOTAL", "t", consumed);
  EXPECT_EQ(total->capacity_units, 3);
  EXPECT_FALSE(total->table);
  const auto parts = to_wire("INDEXES", "t", consumed);
  EXPECT_EQ(parts->table->capacity_units, 1);
  EXPECT_EQ(parts->global_secondary_indexes->at("g").capacity_units, 2);
  EXPECT_FALSE(parts->local_secondary_indexes);
  const auto twice = to_wire("INDEXES", "t", consumed, Charge::kWriteTwice);
  EXPECT_EQ(twice->capacity_units, 6);
  EXPECT_EQ(twice->write_capacity_units, 6);
  EXPECT_FALSE(twice->read_capacity_units);
}

}  // namespace
}  // namespace tarn::dynamodb
