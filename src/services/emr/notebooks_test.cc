// Livy of a cluster in virtual time: when it answers, and what its sessions mean for the cluster's
// end.
#include "services/emr/notebooks.h"

#include "services/emr/emr_fixture.h"

namespace tarn::emr {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class NotebooksTest : public EmrTest {
 protected:
  // A cluster with Livy that is WAITING and ends itself after half an hour.
  void create_with_livy(int warm_drivers) {
    warm_drivers_.left = warm_drivers;
    ClusterRecord asked = record();
    asked.request.applications.emplace().emplace_back().name = "Livy";
    asked.idle_timeout_s = 1800;
    create(std::move(asked));
    pass(seconds(10));
    ASSERT_EQ(state(), "WAITING");
    ASSERT_TRUE(life().notebooks());
  }

  json ask(const std::string& method, std::vector<std::string> path, const json& body = nullptr) {
    gateway::WebRequest request;
    request.method = method;
    request.path = std::move(path);
    if (!body.is_null()) request.content = body.dump();
    request.caller = caller_;
    request.caller.access_key_id = "AKIAROOT";
    json answer;
    scheduler_.spawn(serve(life().notebooks(), std::move(request), answer));
    pass(seconds(1));
    return answer;
  }

  // As long as a notebook with a client is open, it asks for its session.
  void stay_attached(hours duration) {
    for (minutes passed{0}; passed < duration; passed += minutes(1)) {
      ask("GET", {"sessions", "0"});
      pass(seconds(59));
      ASSERT_EQ(state(), "WAITING") << "after " << passed.count() << " minutes";
    }
  }

  static Task<void> ready(std::shared_ptr<HistoryServer> history) {
    [[maybe_unused]] const auto done = co_await HistoryServer::ready(history);
  }

 private:
  static Task<void> serve(std::shared_ptr<Notebooks> notebooks, gateway::WebRequest request,
                          json& answer) {
    const auto done = co_await notebooks->room().serve(std::move(request));
    answer = done.ok() ? json::parse(done->content) : json{{"msg", done.error().message}};
  }
};

TEST_F(NotebooksTest, LivyAnswersOnceExecutorsCanBeHadAndGoesWithTheCluster) {
  create_with_livy(0);
  const std::map<std::string, std::string> expected = {
      {cluster().address + ":8998", "emr/" + id_ + "/livy"},
      {cluster().address + ":18080", "emr/" + id_ + "/ui/18080"}};
  EXPECT_EQ(doors_.places, expected);
  EXPECT_EQ(ask("POST", {"sessions"}, {{"kind", "pyspark"}})["id"], 0);
  EXPECT_EQ(ask("GET", {"sessions", "0"})["state"], "idle");
  EXPECT_EQ(machine_.alive(kDriver), 1U);
  life().terminate(reason_code::kUserRequest, "", false);
  pass(seconds(10));
  EXPECT_EQ(state(), "TERMINATED");
  EXPECT_EQ(machine_.alive(), 0U);
  EXPECT_TRUE(doors_.places.empty());
}

TEST_F(NotebooksTest, AClusterWithoutLivyHasNone) {
  create_waiting();
  EXPECT_FALSE(life().notebooks());
  EXPECT_FALSE(doors_.places.contains(cluster().address + ":8998"));
}

TEST_F(NotebooksTest, WarmDriversAreBoundedOverAllClusters) {
  create_with_livy(1);
  EXPECT_EQ(machine_.alive(kDriver), 1U);
  EXPECT_EQ(warm_drivers_.left, 0);
  life().terminate(reason_code::kUserRequest, "", false);
  pass(seconds(10));
  EXPECT_EQ(warm_drivers_.left, 1);
}

TEST_F(NotebooksTest, AWarmDriverAloneIsNoUse) {
  create_with_livy(1);
  pass(minutes(29));
  EXPECT_EQ(state(), "WAITING");
  pass(minutes(1) + seconds(30));
  EXPECT_EQ(state(), "TERMINATED");
}

TEST_F(NotebooksTest, ALookAtAPageIsUseAndTheClockStartsAtTheLast) {
  create_with_livy(0);
  for (int looks = 0; looks < 4; ++looks) {
    pass(minutes(20));
    life().note_ui_use();
  }
  pass(minutes(29));
  EXPECT_EQ(state(), "WAITING");
  pass(minutes(2));
  EXPECT_EQ(state(), "TERMINATED");
}

TEST_F(NotebooksTest, TheHistoryServerRunsWhileItIsAsked) {
  create_with_livy(0);
  const auto ask_history = [this] {
    scheduler_.spawn(ready(life().history()));
    pass(seconds(1));
  };
  EXPECT_EQ(machine_.count("18480"), 0U);
  ask_history();
  EXPECT_EQ(machine_.alive("18480"), 1U);
  pass(minutes(9));
  ask_history();
  pass(minutes(9));
  EXPECT_EQ(machine_.alive("18480"), 1U);
  pass(minutes(2));
  EXPECT_EQ(machine_.alive("18480"), 0U);
  ask_history();
  EXPECT_EQ(machine_.count("18480"), 2U);
  machine_.find("18480").finish({.code = 1});
  pass(seconds(1));
  ask_history();
  EXPECT_EQ(machine_.count("18480"), 2U) << "its death is told first";
  ask_history();
  EXPECT_EQ(machine_.count("18480"), 3U);
}

TEST_F(NotebooksTest, SomebodyElsesApplicationIsUse) {
  create_with_livy(1);
  options_.tick = seconds(5);
  machine_.applications = 1;
  pass(hours(2));
  EXPECT_EQ(state(), "WAITING");
  machine_.applications = 0;
  pass(minutes(31));
  EXPECT_EQ(state(), "TERMINATED");
}

// A day: attached and doing nothing, then working with nobody looking, then forgotten, then ended
// by Livy's time-out of an hour, and after half an hour more the cluster by its policy.
TEST_F(NotebooksTest, AnOpenSessionKeepsTheClusterAndAForgottenOneEnds) {
  create_with_livy(1);
  options_.tick = seconds(5);
  EXPECT_EQ(ask("POST", {"sessions"}, {{"kind", "pyspark"}})["state"], "idle");
  stay_attached(hours(8));
  ask("POST", {"sessions", "0", "statements"}, {{"code", "wait"}});
  pass(hours(8));
  EXPECT_EQ(state(), "WAITING");
  machine_.started[2]->answer(0);
  EXPECT_TRUE(life().notebooks()->in_use());
  pass(minutes(1));
  EXPECT_FALSE(life().notebooks()->in_use()) << "nobody has asked for it for eight hours";
  pass(minutes(28));
  EXPECT_EQ(state(), "WAITING");
  pass(minutes(1) + seconds(10));
  EXPECT_EQ(state(), "TERMINATED");
  EXPECT_NE(cluster().reason.message.find("idle for 1800 s"), std::string::npos);
  EXPECT_EQ(machine_.alive(), 0U);
  pass(hours(7));
  EXPECT_EQ(machine_.count("master"), 1U);
}

TEST_F(NotebooksTest, TheClockStartsAtTheEndOfTheLastSession) {
  create_with_livy(1);
  ask("POST", {"sessions"}, {{"kind", "pyspark"}});
  pass(minutes(59));
  EXPECT_TRUE(life().notebooks()->in_use()) << "Livy's time-out is an hour";
  ask("DELETE", {"sessions", "0"});
  EXPECT_FALSE(life().notebooks()->in_use());
  pass(minutes(29));
  EXPECT_EQ(state(), "WAITING");
  pass(minutes(1) + seconds(10));
  EXPECT_EQ(state(), "TERMINATED");
}

TEST_F(NotebooksTest, ASessionThatNobodyAsksForEndsByLivysOwnTimeOut) {
  warm_drivers_.left = 0;
  ClusterRecord asked = record();
  asked.request.applications.emplace().emplace_back().name = "Livy";
  Configuration& livy = asked.request.configurations.emplace().emplace_back();
  livy.classification = "livy-conf";
  livy.properties.emplace()["livy.server.session.timeout"] = "10m";
  create(std::move(asked));
  pass(seconds(10));
  ask("POST", {"sessions"}, {{"kind", "pyspark"}});
  pass(minutes(9));
  EXPECT_EQ(machine_.alive(kDriver), 1U);
  pass(minutes(2));
  EXPECT_EQ(machine_.alive(kDriver), 0U);
  EXPECT_EQ(state(), "WAITING");
}

}  // namespace
}  // namespace tarn::emr
