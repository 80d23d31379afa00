// Livy's REST API over drivers that are scripts: they speak the protocol of driver/tarn_session.
#include "services/livy/room.h"

#include <atomic>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "platform/real/clock.h"
#include "platform/real/files.h"
#include "platform/real/processes.h"
#include "platform/real/random.h"
#include "platform/real/threads.h"
#include "store/store.h"

namespace tarn::livy {
namespace {

namespace real = platform::real;
using std::chrono::milliseconds;

// Stands in as the Python interpreter. `wait` runs until cancelled, `die` kills the driver.
constexpr const char* kDriver = R"(#!/bin/sh
read -r start
echo "driver log: started" >&2
case "$start" in
  *'"hang"'*) exec sleep 1000 ;;
  *'"refuse"'*) echo '{"event":"failed","message":"driverMemory is wrong"}'; exit 1 ;;
esac
echo '{"event":"ready","app_id":"local-7","spark_ui_url":"http://127.0.0.1:4040"}'
id_of() { printf '%s' "$1" | sed 's/.*"id":\([0-9]*\).*/\1/'; }
answer() {
  printf '{"event":"result","id":%s,"output":{"status":"ok","data":{"text/plain":"%s"}}}\n' "$1" "$2"
}
while read -r line; do
  id=$(id_of "$line")
  case "$line" in
    *'"op":"stop"'*) exit 0 ;;
    *'"op":"cancel"'*) answer "$id" interrupted ;;
    *'"code":"wait"'*) printf '{"event":"progress","id":%s,"progress":0.5}\n' "$id" ;;
    *'"code":"die"'*) sleep 1000 & kill -9 $$ ;;
    *'"code":"key"'*) answer "$id" "$AWS_ACCESS_KEY_ID $PYTHONPATH" ;;
    *) answer "$id" done ;;
  esac
done
)";

struct Answer {
  int status = 0;
  Json body;
};

// The real one, some time ahead.
class ShiftedClock final : public platform::Clock {
 public:
  explicit ShiftedClock(platform::Clock& clock) : clock_(clock) {}
  void shift(std::chrono::milliseconds ahead) { ahead_ms_ = ahead.count(); }
  [[nodiscard]] Timestamp now() const override { return {clock_.now().ms + ahead_ms_}; }
  [[nodiscard]] std::chrono::nanoseconds monotonic() const override { return clock_.monotonic(); }
  [[nodiscard]] Task<void> sleep(milliseconds duration) override { return clock_.sleep(duration); }

 private:
  platform::Clock& clock_;
  std::atomic<std::int64_t> ahead_ms_{0};
};

class LivyTest : public testing::Test {
 protected:
  LivyTest() {
    std::string pattern = testing::TempDir() + "tarn-livy-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    store_ = store::open_store(folder_ + "/store").value();
    credentials_ = std::make_unique<iam::Credentials>(
        *store_, clock_, random_, iam::RootKey{"123456789012", "AKIAROOT", "secret"});
    for (const char* path : {"/java/bin", "/share/tarn_session"}) {
      std::filesystem::create_directories(folder_ + path);
    }
    write_program("/java/bin/java", "#!/bin/sh\n");
    write_program("/share/tarn_session/__main__.py", "");
    write_program("/python", kDriver);
    options_.data_directory = folder_ + "/drivers";
    options_.cache_directory = folder_ + "/cache";
    options_.python = folder_ + "/python";
    options_.java_home = folder_ + "/java";
    options_.driver_directory = folder_ + "/share";
    options_.warm_drivers = 0;
    options_.warm_up_delay = milliseconds(0);
  }

  ~LivyTest() override {
    if (room_) real::run_on(threads_.control(), room_->shut_down());
    threads_.stop();
    std::filesystem::remove_all(folder_);
  }

  void write_program(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + name) << text;
    std::filesystem::permissions(folder_ + name, std::filesystem::perms::owner_all);
  }

  LivyRoom& room() {
    if (!room_) {
      room_ = std::make_unique<LivyRoom>(platform_, *credentials_, sandboxes_, options_);
      EXPECT_TRUE(room_->start().ok());
    }
    return *room_;
  }

  Answer call(const std::string& method, std::vector<std::string> path, const Json& body = nullptr,
              Caller::Kind kind = Caller::Kind::kRoot) {
    gateway::WebRequest request;
    request.method = method;
    request.path = std::move(path);
    if (!body.is_null()) request.content = body.dump();
    request.caller.kind = kind;
    request.caller.arn = credentials_->root().arn;
    request.caller.access_key_id = "AKIAROOT";
    request.caller.host = "127.0.0.1:4566";
    request.base = "/_tarn/livy";
    auto done = real::run_on(threads_.control(), room().serve(std::move(request)));
    if (!done.ok()) return {done.error().http_status, {{"msg", done.error().message}}};
    return {done->status, Json::parse(done->content)};
  }

  std::string create(Json body = Json::object()) {
    const Answer made = call("POST", {"sessions"}, body);
    EXPECT_EQ(made.status, 201) << made.body;
    return std::to_string(made.body.value("id", -1));
  }

  Json session(const std::string& id) { return call("GET", {"sessions", id}).body; }

  // Asks until `path` has one of `states`, for at most five seconds.
  Json wait_for(const std::vector<std::string>& path, const std::vector<std::string>& states) {
    Json body;
    for (int i = 0; i < 500; ++i) {
      body = call("GET", path).body;
      const std::string state = body.value("state", "");
      if (std::find(states.begin(), states.end(), state) != states.end()) return body;
      ::usleep(10000);
    }
    ADD_FAILURE() << "still " << body;
    return body;
  }

  std::string submit(const std::string& id, const std::string& code) {
    const Answer made = call("POST", {"sessions", id, "statements"}, {{"code", code}});
    EXPECT_EQ(made.status, 201) << made.body;
    return std::to_string(made.body.value("id", -1));
  }

  Json result(const std::string& id, const std::string& statement) {
    return wait_for({"sessions", id, "statements", statement}, {"available", "error", "cancelled"});
  }

  std::string folder_;
  real::Threads threads_{{.io_threads = 1, .blocking_threads = 4}};
  real::Files files_;
  real::Clock real_clock_{threads_};
  ShiftedClock clock_{real_clock_};
  real::Random random_;
  real::Processes processes_{threads_};
  platform::Platform platform_{clock_, random_, threads_, files_, processes_};
  // What a sandbox does is for tests/conformance/test_sandbox.py.
  sandbox::Sandboxes sandboxes_{platform_, {.mode = sandbox::Mode::kNone}};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<iam::Credentials> credentials_;
  Options options_;
  std::unique_ptr<LivyRoom> room_;
};

TEST_F(LivyTest, ASessionStartsAndBecomesIdle) {
  const std::string id = create({{"name", "report"}});
  const Json idle = wait_for({"sessions", id}, {"idle"});
  EXPECT_EQ(idle["appId"], "local-7");
  EXPECT_EQ(idle["name"], "report");
  EXPECT_EQ(idle["kind"], "pyspark");
  EXPECT_EQ(idle["appInfo"]["sparkUiUrl"], "http://127.0.0.1:4040");
  EXPECT_EQ(idle["appInfo"]["driverLogUrl"],
            "http://127.0.0.1:4566/_tarn/livy/sessions/" + id + "/log");
  EXPECT_EQ(idle["log"].back(), "driver log: started");
}

TEST_F(LivyTest, StatementsQueuedWhileStartingRunInOrder) {
  const std::string id = create();
  const std::string first = submit(id, "a");
  const std::string second = submit(id, "b");
  EXPECT_EQ(result(id, second)["output"]["data"]["text/plain"], "done");
  const Json both = call("GET", {"sessions", id, "statements"}).body;
  EXPECT_EQ(both["total_statements"], 2);
  EXPECT_LE(both["statements"][0]["completed"], both["statements"][1]["started"]);
  EXPECT_EQ(first, "0");
}

TEST_F(LivyTest, ACellThatWaitsForeverIsCancelledAndTheSessionLivesOn) {
  const std::string id = create();
  const std::string waiting = submit(id, "wait");
  wait_for({"sessions", id, "statements", waiting}, {"running"});
  EXPECT_EQ(session(id)["state"], "busy");
  EXPECT_EQ(call("POST", {"sessions", id, "statements", waiting, "cancel"}).status, 200);
  EXPECT_EQ(result(id, waiting)["state"], "cancelled");
  EXPECT_EQ(result(id, submit(id, "a"))["state"], "available");
  EXPECT_EQ(session(id)["state"], "idle");
}

TEST_F(LivyTest, AWaitingStatementIsCancelledAtOnce) {
  const std::string id = create();
  const std::string running = submit(id, "wait");
  const std::string waiting = submit(id, "a");
  call("POST", {"sessions", id, "statements", waiting, "cancel"});
  const Json cancelled = call("GET", {"sessions", id, "statements", waiting}).body;
  EXPECT_EQ(cancelled["state"], "cancelled");
  EXPECT_TRUE(cancelled["output"].is_null());
  call("POST", {"sessions", id, "statements", running, "cancel"});
  EXPECT_EQ(result(id, running)["state"], "cancelled");
}

TEST_F(LivyTest, TheQueueOfStatementsIsBounded) {
  const std::string id = create({{"conf", {{"x", "hang"}}}});
  for (std::size_t i = 0; i < Session::kMaxWaiting; ++i) submit(id, "a");
  const Answer refused = call("POST", {"sessions", id, "statements"}, {{"code", "a"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body["msg"].get<std::string>().find("100 statements waiting"),
            std::string::npos);
}

TEST_F(LivyTest, AFinishedStatementIsForgottenAfterAHundredMore) {
  const std::string id = create();
  for (int i = 0; i < 120; ++i) result(id, submit(id, "a"));
  EXPECT_EQ(call("GET", {"sessions", id, "statements", "0"}).status, 404);
  EXPECT_EQ(call("GET", {"sessions", id, "statements", "119"}).status, 200);
}

TEST_F(LivyTest, ADeadDriverEndsItsStatementsAndKeepsItsLog) {
  const std::string id = create();
  const std::string fatal = submit(id, "die");
  const std::string behind = submit(id, "a");
  for (const std::string& statement : {fatal, behind}) {
    const Json ended = result(id, statement);
    EXPECT_EQ(ended["state"], "error");
    EXPECT_EQ(ended["output"]["ename"], "SessionDead");
  }
  const Json dead = session(id);
  EXPECT_EQ(dead["state"], "dead");
  EXPECT_EQ(dead["log"][0], "driver log: started");
  EXPECT_EQ(dead["log"].back(), "tarn: its driver ended with killed by signal 9");
  EXPECT_EQ(call("POST", {"sessions", id, "statements"}, {{"code", "a"}}).status, 400);
}

TEST_F(LivyTest, ADriverThatRefusesItsConfigurationSaysWhy) {
  const std::string id = create({{"conf", {{"x", "refuse"}}}});
  const Json dead = wait_for({"sessions", id}, {"dead"});
  EXPECT_EQ(dead["log"].back(), "tarn: driverMemory is wrong");
}

TEST_F(LivyTest, ADriverThatDoesNotStartInTimeIsDead) {
  options_.start_timeout = std::chrono::seconds(1);
  const std::string id = create({{"conf", {{"x", "hang"}}}});
  const Json dead = wait_for({"sessions", id}, {"dead"});
  EXPECT_NE(dead["log"].back().get<std::string>().find("did not start within 1 s"),
            std::string::npos);
}

TEST_F(LivyTest, DeletingASessionEndsItsProcessesAndRemovesItsFiles) {
  const std::string id = create();
  wait_for({"sessions", id}, {"idle"});
  EXPECT_FALSE(std::filesystem::is_empty(options_.data_directory));
  EXPECT_EQ(call("DELETE", {"sessions", id}).status, 200);
  EXPECT_TRUE(std::filesystem::is_empty(options_.data_directory));
  const Answer gone = call("GET", {"sessions", id});
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.body["msg"], "Session '" + id + "' not found. It ended: it was deleted.");
}

TEST_F(LivyTest, ASessionWithoutHeartbeatIsEnded) {
  const std::string id = create({{"heartbeatTimeoutInSecond", 1}});
  for (int i = 0; i < 60 && !std::filesystem::is_empty(options_.data_directory); ++i) {
    ::usleep(100000);
  }
  const Answer gone = call("GET", {"sessions", id});
  EXPECT_EQ(gone.status, 404);
  EXPECT_NE(gone.body["msg"].get<std::string>().find("heartbeatTimeoutInSecond"),
            std::string::npos);
}

TEST_F(LivyTest, TheWarmDriverServesASessionWithoutConfigurationAtOnce) {
  options_.warm_drivers = 1;
  room();
  // Until the driver is warm a session starts one of its own.
  Answer made = call("POST", {"sessions"}, {{"kind", "pyspark"}, {"driverMemory", "1000M"}});
  for (int i = 0; i < 60 && made.body["state"] != "idle"; ++i) {
    ::usleep(500000);
    made = call("POST", {"sessions"}, {{"kind", "pyspark"}, {"driverMemory", "1000M"}});
  }
  EXPECT_EQ(made.body["state"], "idle");
}

TEST_F(LivyTest, ADriverHasKeysOfItsOwn) {
  const std::string id = create();
  const std::string key = result(id, submit(id, "key"))["output"]["data"]["text/plain"];
  EXPECT_EQ(key.substr(0, 4), "ASIA");
  EXPECT_NE(key.find(options_.driver_directory), std::string::npos);
}

TEST_F(LivyTest, ItsKeysAreGoodAsLongAsItLivesAndNoLonger) {
  const std::string id = create();
  const std::string text = result(id, submit(id, "key"))["output"]["data"]["text/plain"];
  const std::string key = text.substr(0, text.find(' '));
  // Renewed in time; and even where nobody could, as on a machine that slept.
  for (const auto ahead : {std::chrono::minutes(30), std::chrono::minutes(60 * 100)}) {
    clock_.shift(ahead);
    for (int i = 0; i < 500 && *credentials_->find(key)->expires < clock_.now() + kCredentialLeft;
         ++i) {
      ::usleep(10000);
    }
    EXPECT_GT(*credentials_->find(key)->expires, clock_.now() + kCredentialLeft);
  }
  call("DELETE", {"sessions", id});
  EXPECT_FALSE(credentials_->find(key));
  iam::Credentials restarted(*store_, clock_, random_,
                             iam::RootKey{"123456789012", "AKIAROOT", "secret"});
  ASSERT_TRUE(restarted.load().ok());
  EXPECT_FALSE(restarted.find(key));
}

TEST_F(LivyTest, OnlyAMemoryAboveTheWarmOneNeedsADriverOfItsOwn) {
  EXPECT_FALSE(needs_own_driver({{"driverMemory", "1000M"}, {"executorCores", 2}}, "1g"));
  EXPECT_FALSE(needs_own_driver({{"conf", Json::object()}}, "1g"));
  EXPECT_TRUE(needs_own_driver({{"driverMemory", "2g"}}, "1g"));
  EXPECT_TRUE(needs_own_driver({{"driverMemory", "plenty"}}, "1g"));
  EXPECT_TRUE(needs_own_driver({{"jars", {"s3://b/x.jar"}}}, "1g"));
}

TEST_F(LivyTest, SessionsAreBounded) {
  options_.max_sessions = 1;
  create();
  const Answer refused = call("POST", {"sessions"}, Json::object());
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body["msg"].get<std::string>().find("delete one first"), std::string::npos);
}

TEST_F(LivyTest, MissingJavaIsSaidWithItsFix) {
  options_.java_home = "/nonexistent";
  const Answer refused = call("POST", {"sessions"}, Json::object());
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body["msg"].get<std::string>().find("./dev setup"), std::string::npos);
}

TEST_F(LivyTest, WhatIsNotThereAnswersByName) {
  EXPECT_EQ(call("GET", {"batches"}).status, 501);
  const Answer scala = call("POST", {"sessions"}, {{"kind", "spark"}});
  EXPECT_EQ(scala.status, 400);
  EXPECT_EQ(scala.body["msg"],
            "Kind 'spark' (Scala) is not implemented by tarn; 'pyspark' and 'sql' are.");
  EXPECT_EQ(call("GET", {"sessions", "4"}).status, 404);
  EXPECT_EQ(call("GET", {"sessions", "four"}).status, 400);
  EXPECT_EQ(call("PUT", {"sessions"}).status, 405);
}

TEST_F(LivyTest, AFieldThatNobodyReadsIsRefusedByName) {
  const Answer misspelt = call("POST", {"sessions"}, {{"driverMemroy", "2g"}});
  EXPECT_EQ(misspelt.status, 400);
  const std::string said = misspelt.body["msg"];
  EXPECT_NE(said.find("'driverMemroy'"), std::string::npos) << said;
  EXPECT_NE(said.find("driverMemory"), std::string::npos) << said;
  const Answer misplaced = call("POST", {"sessions"}, {{"spark.executor.cores", 2}});
  EXPECT_EQ(misplaced.status, 400);
  EXPECT_NE(misplaced.body["msg"].get<std::string>().find(R"({"conf": {"spark.executor.cores")"),
            std::string::npos)
      << misplaced.body;
}

TEST_F(LivyTest, NobodyRunsCodeWithoutKeys) {
  const Answer refused = call("GET", {"sessions"}, nullptr, Caller::Kind::kAnonymous);
  EXPECT_EQ(refused.status, 401);
}

}  // namespace
}  // namespace tarn::livy
