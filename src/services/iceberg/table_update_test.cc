// Updates of table metadata: what the specification's updates make of a document.
#include "services/iceberg/table_update.h"

#include <gtest/gtest.h>

#include "services/iceberg/glue_table.h"
#include "services/iceberg/maintenance_policy.h"
#include "services/iceberg/new_table.h"
#include "services/iceberg/table_requirement.h"

namespace tarn::iceberg {
namespace {

constexpr Timestamp kNow{1'000'000};

Json json(const char* text) {
  return Json::parse(text);
}

TableMetadata table(const char* properties = "{}") {
  NewTable made;
  made.uuid = "11111111-2222-3333-4444-555555555555";
  made.location = "s3://b/t";
  made.schema = json(R"({"type":"struct","fields":[
      {"id":0,"name":"id","type":"long","required":true},
      {"id":1,"name":"tags","type":{"type":"list","element-id":3,"element":"string",
                                    "element-required":false},"required":false}]})");
  made.properties = json(properties);
  return make_table(std::move(made), kNow).value();
}

Json snapshot(std::int64_t id, std::int64_t sequence, const char* more = "{}") {
  Json out = json(more);
  out["snapshot-id"] = id;
  out["sequence-number"] = sequence;
  out["timestamp-ms"] = 2'000'000 + id;
  if (sequence > 1) out["parent-snapshot-id"] = id - 1;
  return out;
}

Json add(const Json& snapshot) {
  Json out = json(R"({"action":"add-snapshot"})");
  out["snapshot"] = snapshot;
  return out;
}

Json set_ref(const char* name, std::int64_t id, const char* type = "branch") {
  Json out = json(R"({"action":"set-snapshot-ref"})");
  out["ref-name"] = name;
  out["type"] = type;
  out["snapshot-id"] = id;
  return out;
}

Result<TableMetadata> apply(const TableMetadata& base, const std::vector<Json>& updates,
                            const std::optional<PreviousMetadata>& previous = std::nullopt) {
  TableUpdates all(base, false, kNow);
  for (const auto& update : updates) TARN_CHECK(all.apply(update));
  return all.finish(previous);
}

std::vector<std::int64_t> history(const TableMetadata& metadata) {
  std::vector<std::int64_t> out;
  for (const auto& entry : metadata.document()["snapshot-log"])
    out.push_back(entry["snapshot-id"].get<std::int64_t>());
  return out;
}

TEST(NewTable, CountsFieldsOfALevelBeforeThoseWithin) {
  const TableMetadata made = table();
  const Json& fields = (*made.current_schema())["fields"];
  EXPECT_EQ(fields[0]["id"], 1);
  EXPECT_EQ(fields[1]["id"], 2);
  EXPECT_EQ(fields[1]["type"]["element-id"], 3);
  EXPECT_EQ(made.number("last-column-id", 0), 3);
}

TEST(NewTable, RefusesWhatNoTableCanBe) {
  for (const char* schema :
       {"null",
        R"({"fields":[{"id":1,"name":"a","type":"long"},{"id":1,"name":"b","type":"long"}]})",
        R"({"fields":[{"id":1,"name":"a","type":"long"},{"id":2,"name":"a","type":"long"}]})",
        R"({"fields":[{"id":1,"name":"a","type":"variant"}]})",
        R"({"fields":[{"id":1,"name":"a","type":{"type":"set"}}]})",
        R"({"fields":[{"name":"a","type":"long"}]})"}) {
    NewTable made;
    made.location = "s3://b/t";
    made.schema = json(schema);
    EXPECT_FALSE(make_table(std::move(made), kNow).ok()) << schema;
  }
}

TEST(TableUpdates, KeepWhatTheyDoNotKnow) {
  TableMetadata base = table();
  base.document()["from-the-future"] = json(R"({"a":1})");
  const auto after =
      apply(base, {json(R"({"action":"set-properties","updates":{"a":"b"}})")}).value();
  EXPECT_EQ(after.document()["from-the-future"], json(R"({"a":1})"));
  EXPECT_EQ(after.property("a"), "b");
  EXPECT_EQ(after.number("last-updated-ms", 0), kNow.ms);
}

TEST(TableUpdates, GiveASchemaTheNextIdOrThatOfItsEqual) {
  const TableMetadata base = table();
  Json more = *base.current_schema();
  more["fields"].push_back(json(R"({"id":4,"name":"c","type":"int","required":false})"));
  Json added = json(R"({"action":"add-schema"})");
  added["schema"] = more;
  const Json current = json(R"({"action":"set-current-schema","schema-id":-1})");
  const auto changed = apply(base, {added, current}).value();
  EXPECT_EQ(changed.number("current-schema-id", -1), 1);
  EXPECT_EQ(changed.number("last-column-id", -1), 4);
  added["schema"] = *base.current_schema();
  added["schema"]["schema-id"] = 77;
  const auto back = apply(changed, {added, current}).value();
  EXPECT_EQ(back.number("current-schema-id", -1), 0);
  EXPECT_EQ(back.document()["schemas"].size(), 2U);
  EXPECT_FALSE(apply(base, {current}).ok());
}

TEST(TableUpdates, FollowSnapshotsByTheirSequence) {
  const auto first = apply(table(), {add(snapshot(1, 1)), set_ref("main", 1)}).value();
  EXPECT_EQ(first.number("current-snapshot-id", -1), 1);
  EXPECT_EQ(first.number("last-updated-ms", 0), 2'000'001);
  EXPECT_FALSE(apply(first, {add(snapshot(1, 2))}).ok());
  Json stale = snapshot(2, 1);
  stale["parent-snapshot-id"] = 1;
  EXPECT_FALSE(apply(first, {add(stale)}).ok());
  EXPECT_FALSE(apply(first, {set_ref("main", 9)}).ok());
  EXPECT_FALSE(apply(first, {set_ref("main", 1, "tag")}).ok());
}

TEST(TableUpdates, LeaveWhatWasCurrentOnlyWithinACommitOutOfHistory) {
  const auto after = apply(table(), {add(snapshot(1, 1)), set_ref("main", 1), add(snapshot(2, 2)),
                                     set_ref("main", 2)})
                         .value();
  EXPECT_EQ(history(after), (std::vector<std::int64_t>{2}));
}

TEST(TableUpdates, TakeRefsAndStatisticsOfARemovedSnapshotAlong) {
  auto base = apply(table(), {add(snapshot(1, 1)), set_ref("main", 1)}).value();
  base = apply(base, {add(snapshot(2, 2)), set_ref("main", 2), set_ref("old", 1, "tag"),
                      json(R"({"action":"set-statistics","statistics":
                           {"snapshot-id":1,"statistics-path":"s3://b/x"}})")})
             .value();
  EXPECT_EQ(history(base), (std::vector<std::int64_t>{1, 2}));
  const auto after =
      apply(base, {json(R"({"action":"remove-snapshots","snapshot-ids":[1]})")}).value();
  EXPECT_FALSE(after.ref("old").has_value());
  EXPECT_TRUE(after.document()["statistics"].empty());
  EXPECT_EQ(history(after), (std::vector<std::int64_t>{2}));
  const auto bare =
      apply(after, {json(R"({"action":"remove-snapshot-ref","ref-name":"main"})")}).value();
  EXPECT_EQ(bare.number("current-snapshot-id", 0), -1);
}

TEST(TableUpdates, NumberRowsInVersionThree) {
  const TableMetadata base = table(R"({"format-version":"3"})");
  EXPECT_FALSE(apply(base, {add(snapshot(1, 1))}).ok());
  const auto after =
      apply(base, {add(snapshot(1, 1, R"({"first-row-id":0,"added-rows":7})"))}).value();
  EXPECT_EQ(after.number("next-row-id", -1), 7);
  EXPECT_FALSE(apply(after, {add(snapshot(2, 2, R"({"first-row-id":6,"added-rows":1})"))}).ok());
}

TEST(TableUpdates, SayThingsInTheOldWayTooInVersionOne) {
  const TableMetadata base = table(R"({"format-version":"1"})");
  Json more = *base.current_schema();
  more["fields"].push_back(json(R"({"id":4,"name":"c","type":"int","required":false})"));
  Json added = json(R"({"action":"add-schema"})");
  added["schema"] = more;
  const auto after =
      apply(base, {added, json(R"({"action":"set-current-schema","schema-id":-1})")}).value();
  EXPECT_EQ(after.document()["schema"]["fields"].size(), 3U);
  EXPECT_FALSE(after.document().contains("last-sequence-number"));
  const auto two =
      apply(after, {json(R"({"action":"upgrade-format-version","format-version":2})")}).value();
  EXPECT_FALSE(two.document().contains("schema"));
  EXPECT_EQ(two.number("last-sequence-number", -1), 0);
  EXPECT_FALSE(
      apply(two, {json(R"({"action":"upgrade-format-version","format-version":1})")}).ok());
}

TEST(TableUpdates, LogAsManyMetadataFilesAsTheTableWants) {
  TableMetadata now = table(R"({"write.metadata.previous-versions-max":"2"})");
  for (int i = 0; i < 4; ++i)
    now = apply(now, {}, PreviousMetadata{"s3://b/" + std::to_string(i), i}).value();
  const Json& log = now.document()["metadata-log"];
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[0]["metadata-file"], "s3://b/2");
}

TEST(TableMetadata, ReadsVersionOneAsItWasWrittenFirst) {
  const auto old = TableMetadata::parse(R"({"format-version":1,"location":"s3://b/t",
      "last-column-id":1,"last-updated-ms":5,"properties":{},
      "schema":{"type":"struct","fields":[{"id":1,"name":"a","type":"long","required":false}]},
      "partition-spec":[{"name":"a","transform":"identity","source-id":1}],
      "current-snapshot-id":3,"snapshots":[{"snapshot-id":3,"timestamp-ms":5}]})");
  ASSERT_TRUE(old.ok());
  EXPECT_EQ(old->number("last-partition-id", 0), 1000);
  EXPECT_EQ(old->ref("main"), 3);
  EXPECT_NE(old->current_schema(), nullptr);
  EXPECT_FALSE(TableMetadata::parse(R"({"format-version":9})").ok());
  EXPECT_FALSE(TableMetadata::parse("[]").ok());
}

TEST(TableRequirements, OfATableThatIsMadeAskOnlyForItsAbsence) {
  const Json create = json(R"({"type":"assert-create"})");
  const TableMetadata there = table();
  EXPECT_TRUE(check_requirement(create, nullptr).ok());
  EXPECT_FALSE(check_requirement(create, &there).ok());
  const Json uuid =
      json(R"({"type":"assert-table-uuid","uuid":"11111111-2222-3333-4444-555555555555"})");
  EXPECT_TRUE(check_requirement(uuid, &there).ok());
  EXPECT_FALSE(check_requirement(uuid, nullptr).ok());
  const Json no_branch = json(R"({"type":"assert-ref-snapshot-id","ref":"x","snapshot-id":null})");
  EXPECT_TRUE(check_requirement(no_branch, &there).ok());
}

TEST(GlueTable, NamesTypesAsHiveDoes) {
  EXPECT_EQ(glue_type(json(R"("timestamptz")")), "timestamp");
  EXPECT_EQ(glue_type(json("\"decimal(9, 2)\"")), "decimal(9,2)");
  EXPECT_EQ(glue_type(json(R"("fixed[16]")")), "binary");
  EXPECT_EQ(glue_type(json(R"({"type":"struct","fields":[
      {"id":1,"name":"a","type":{"type":"map","key":"string","value":"long"}},
      {"id":2,"name":"b","type":{"type":"list","element":"uuid"}}]})")),
            "struct<a:map<string,bigint>,b:array<string>>");
}

TEST(MaintenancePolicy, IsOffUntilAskedFor) {
  EXPECT_FALSE(MaintenancePolicy::of(table())->enabled);
  const auto policy = MaintenancePolicy::of(table(R"({"tarn.maintenance.enabled":"true",
      "tarn.maintenance.interval-ms":"60000","tarn.maintenance.orphan-removal.enabled":"FALSE",
      "write.target-file-size-bytes":"1000","tarn.maintenance.compaction.min-input-files":"1"})"));
  ASSERT_TRUE(policy.ok());
  EXPECT_TRUE(policy->enabled);
  EXPECT_EQ(policy->interval.count(), 60000);
  EXPECT_EQ(policy->target_file_size_bytes, 1000);
  EXPECT_EQ(policy->min_input_files, 2);
  EXPECT_EQ(policy->steps(), (std::vector<std::string>{"compaction", "expire-snapshots"}));
  for (const char* wrong :
       {R"({"tarn.maintenance.enabled":"yes"})", R"({"tarn.maintenance.interval-ms":"-1"})",
        R"({"tarn.maintenance.interval-ms":"soon"})"})
    EXPECT_FALSE(MaintenancePolicy::of(table(wrong)).ok()) << wrong;
}

}  // namespace
}  // namespace tarn::iceberg
