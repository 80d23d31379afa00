// Maintenance over workers that are scripts: what is due, one at a time, how it ends.
#include "services/iceberg/maintenance.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <unistd.h>

#include <gtest/gtest.h>

#include "platform/real/clock.h"
#include "platform/real/files.h"
#include "platform/real/processes.h"
#include "platform/real/random.h"
#include "platform/real/threads.h"
#include "services/iceberg/glue_table.h"
#include "services/iceberg/new_table.h"
#include "services/kms/service.h"
#include "services/s3/embedded_store.h"
#include "services/s3/encryption.h"
#include "store/store.h"

namespace tarn::iceberg {
namespace {

namespace real = platform::real;

// Stands in as the Python interpreter: what it does is in the table's name.
constexpr const char* kWorker = R"(#!/bin/sh
read -r order
case "$order" in
  *'"table":"slow'*) exec sleep 1000 ;;
  *'"table":"bad"'*) exit 3 ;;
  *'"kind":"purge"'*) [ -e "$PYTHONPATH/fail" ] && exit 1 ;;
esac
printf '{"event":"step","step":"compaction","key":"%s","module":"%s"}\n' "$AWS_ACCESS_KEY_ID" "$2"
)";

constexpr std::chrono::seconds kLimit{120};  // of a wait, on a machine that does much else

class MaintenanceTest : public testing::Test {
 protected:
  MaintenanceTest() {
    std::string pattern = testing::TempDir() + "tarn-maintenance-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    store_ = store::open_store(folder_ + "/store").value();
    credentials_ = std::make_unique<iam::Credentials>(
        *store_, clock_, random_, iam::RootKey{"123456789012", "AKIAROOT", "secret"});
    metastore_ = std::make_unique<glue::Metastore>(*store_, clock_);
    kms_ =
        std::make_unique<kms::KmsService>(platform_, *store_, authorizer_, folder_ + "/root-key");
    EXPECT_TRUE(real::run_on(threads_.control(), kms_->start()).ok());
    encryption_ = std::make_unique<s3::Encryption>(kms_->keys());
    objects_ =
        std::make_unique<s3::EmbeddedStore>(platform_, *store_, folder_ + "/s3", *encryption_);
    EXPECT_TRUE(real::run_on(threads_.control(), objects_->start()).ok());
    s3::StoredBucket bucket;
    bucket.name = "bucket";
    EXPECT_TRUE(real::run_on(threads_.control(), objects_->create_bucket(bucket)).ok());
    std::filesystem::create_directories(folder_ + "/share/tarn_maintenance");
    std::ofstream(folder_ + "/share/tarn_maintenance/__main__.py") << "";
    std::ofstream(folder_ + "/python") << kWorker;
    std::filesystem::permissions(folder_ + "/python", std::filesystem::perms::owner_all);
    glue::DatabaseInput database;
    database.name = "db";
    EXPECT_TRUE(metastore_->create_database(kOwner, database, {}).ok());
    start();
  }

  ~MaintenanceTest() override {
    real::run_on(threads_.control(), maintenance_->shut_down());
    real::run_on(threads_.control(), objects_->stop());
    threads_.stop();
    std::filesystem::remove_all(folder_);
  }

  void start() {
    if (maintenance_) real::run_on(threads_.control(), maintenance_->shut_down());
    MaintenanceOptions options;
    options.python = folder_ + "/python";
    options.worker_directory = folder_ + "/share";
    options.data_directory = folder_ + "/logs";
    options.endpoint_url = "http://127.0.0.1:1";
    options.region = kOwner.region;
    options.look_every = std::chrono::seconds(0);
    maintenance_ =
        std::make_unique<Maintenance>(platform_, *metastore_, *objects_, *credentials_, options);
    maintenance_->start();
  }

  void make_table(const std::string& name, const char* properties = "{}") {
    NewTable made;
    made.location = "s3://bucket/" + name;
    made.schema = Json::parse(R"({"fields":[{"id":1,"name":"a","type":"long"}]})");
    made.properties = Json::parse(properties);
    const TableMetadata metadata = iceberg::make_table(std::move(made), clock_.now()).value();
    const std::string location = "s3://bucket/" + name + "/metadata/00000-x.metadata.json";
    MetadataFiles files(*objects_);
    EXPECT_TRUE(
        real::run_on(threads_.control(), files.write(location, dump(metadata.document()))).ok());
    EXPECT_TRUE(
        metastore_->create_table(kOwner, "db", table_input(name, metadata, location, nullptr))
            .ok());
  }

  template <class Work>
  auto on_strand(Work work) {
    return real::run_on(threads_.control(), call(std::move(work)));
  }
  template <class Work>
  static Task<std::invoke_result_t<Work>> call(Work work) {
    co_return work();
  }

  void pause() { real::run_on(threads_.control(), clock_.sleep(std::chrono::milliseconds(10))); }

  int request(const std::string& table) {
    return on_strand([&] { return maintenance_->request({"db", table}); }).value();
  }
  Status stop(int id) {
    return on_strand([&] { return maintenance_->stop(id); });
  }
  // Each run stands there once, also while it turns from the running one into an ended one.
  Json runs() {
    const Json listed = on_strand([&] { return maintenance_->describe(); })["runs"];
    std::set<int> ids;
    for (const auto& run : listed)
      EXPECT_TRUE(ids.insert(run["id"].get<int>()).second) << dump(listed);
    return listed;
  }
  bool is_under_way(int id) {
    for (const auto& run : runs()) {
      if (run["id"] == id) return run["state"] == "queued" || run["state"] == "running";
    }
    return false;
  }
  // The run of the table once it is in one of the states.
  Json wait_for(const std::string& table, const std::vector<std::string>& states) {
    const auto latest = clock_.monotonic() + kLimit;
    while (clock_.monotonic() < latest) {
      for (const auto& run : runs()) {
        const auto state = run["state"].get<std::string>();
        if (run["table"] == "db." + table &&
            std::find(states.begin(), states.end(), state) != states.end())
          return run;
      }
      pause();
    }
    ADD_FAILURE() << table << ": " << dump(runs());
    return {};
  }

  const glue::Owner kOwner{"123456789012", "us-west-2", "arn:aws:iam::123456789012:root"};
  std::string folder_;
  real::Files files_;
  real::Threads threads_;
  real::Clock clock_{threads_};
  real::Random random_;
  real::Processes processes_{threads_};
  platform::Platform platform_{clock_, random_, threads_, files_, processes_};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<iam::Credentials> credentials_;
  std::unique_ptr<glue::Metastore> metastore_;
  iam::Authorizer authorizer_{clock_};
  std::unique_ptr<kms::KmsService> kms_;
  std::unique_ptr<s3::Encryption> encryption_;
  std::unique_ptr<s3::EmbeddedStore> objects_;
  std::unique_ptr<Maintenance> maintenance_;
};

TEST_F(MaintenanceTest, VisitsTheTablesThatAskForIt) {
  make_table("off");
  make_table("wrong", R"({"tarn.maintenance.enabled":"perhaps"})");
  // The last: a look that sees it has seen the others.
  make_table("on", R"({"tarn.maintenance.enabled":"true"})");
  const Json run = wait_for("on", {"done"});
  EXPECT_EQ(run["trigger"], "schedule");
  // Keys of a session, never the root's.
  EXPECT_TRUE(run["steps"][0]["key"].get<std::string>().starts_with("ASIA"));
  EXPECT_EQ(run["steps"][0]["module"], "tarn_maintenance");
  EXPECT_EQ(runs().size(), 1U);
  const Json tables = on_strand([&] { return maintenance_->describe(); })["tables"];
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[1]["table"], "db.wrong");
  EXPECT_NE(tables[1]["fault"], nullptr);
}

TEST_F(MaintenanceTest, RunsOneAtATimeAndStopsWhatItIsToldTo) {
  for (const char* name : {"slow1", "slow2", "slow3"}) make_table(name);
  const int first = request("slow1");
  const int second = request("slow2");
  const int third = request("slow3");
  EXPECT_EQ(request("slow2"), second);
  wait_for("slow1", {"running"});
  EXPECT_EQ(wait_for("slow2", {"queued", "running"})["state"], "queued");
  EXPECT_TRUE(stop(third).ok());
  EXPECT_EQ(wait_for("slow3", {"stopped"})["started-ms"], nullptr);
  EXPECT_TRUE(stop(first).ok());
  wait_for("slow1", {"stopped"});
  wait_for("slow2", {"running"});
  EXPECT_TRUE(stop(second).ok());
  EXPECT_EQ(wait_for("slow2", {"stopped"})["reason"], "it was stopped");
  EXPECT_EQ(stop(second).error().http_status, 409);
  EXPECT_EQ(stop(99).error().http_status, 404);
}

TEST_F(MaintenanceTest, TellsWhyARunFailed) {
  make_table("bad");
  request("bad");
  EXPECT_NE(wait_for("bad", {"failed"})["reason"].get<std::string>().find("exit code 3"),
            std::string::npos);
  request("absent");
  EXPECT_NE(wait_for("absent", {"failed"})["reason"].get<std::string>().find("does not exist"),
            std::string::npos);
}

// Looked at without a pause: the moment between the worker's end and the last notes about its run.
TEST_F(MaintenanceTest, ARunIsListedOnceAtItsEnd) {
  for (int turn = 0; turn < 8; ++turn) {
    make_table("t" + std::to_string(turn));
    const int id = request("t" + std::to_string(turn));
    const auto latest = clock_.monotonic() + kLimit;
    while (is_under_way(id) && clock_.monotonic() < latest) continue;
    runs();
  }
}

TEST_F(MaintenanceTest, APurgeIsNotForgotten) {
  make_table("gone");
  std::ofstream(folder_ + "/share/fail") << "";
  EXPECT_TRUE(metastore_->delete_table(kOwner, "db", "gone", std::nullopt, true).ok());
  wait_for("gone", {"failed"});
  EXPECT_EQ(metastore_->purges(kOwner)->size(), 1U);
  std::filesystem::remove(folder_ + "/share/fail");
  start();
  wait_for("gone", {"done"});
  while (!metastore_->purges(kOwner)->empty()) pause();
}

}  // namespace
}  // namespace tarn::iceberg
