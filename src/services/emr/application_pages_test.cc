// What drivers' pages tell, and what it means that one tells nothing.
#include "services/emr/application_pages.h"

#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/scheduler.h"

namespace tarn::emr {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const ApplicationPages kDrivers{"127.77.0.1", 4040};

// A driver's page: what it is the page of, and how long it thinks before it answers.
struct Driver {
  std::string id;
  int tasks = 0;
  milliseconds thinks{0};
};

class Drivers final : public platform::Network {
 public:
  explicit Drivers(sim::Scheduler& scheduler) : scheduler_(scheduler) {}

  Result<std::string> get(const std::string&, std::uint16_t port, const std::string& path,
                          milliseconds patience) override {
    ++asked;
    const auto driver = at.find(port);
    if (driver == at.end()) return Error(code::kIo, "connection refused");
    const auto& [id, tasks, thinks] = driver->second;
    scheduler_.run_for(std::min(thinks, patience));
    if (thinks > patience) return Error(code::kTimeout, "did not answer");
    if (id.empty()) return std::string("Spark is starting up.");
    if (path.ends_with("/applications")) return fmt::format(R"([{{"id":"{}"}}])", id);
    return fmt::format(R"([{{"numTasks":{},"numCompleteTasks":2}}])", tasks + 2);
  }
  Result<std::string> post(const std::string&, std::uint16_t, const std::string&,
                           milliseconds) override {
    return Error(code::kIo, "connection refused");
  }
  Result<platform::Page> fetch(const std::string&, std::uint16_t, const platform::Question&,
                               milliseconds) override {
    return Error(code::kIo, "connection refused");
  }
  Result<platform::Page> call(const std::string&, std::uint16_t, const platform::PageRequest&,
                              milliseconds) override {
    return Error(code::kIo, "connection refused");
  }

  std::map<int, Driver> at;
  int asked = 0;

 private:
  sim::Scheduler& scheduler_;
};

class ApplicationPagesTest : public ::testing::Test {
 protected:
  FoundApplication find(const std::string& id) {
    return find_application(drivers_, scheduler_, kDrivers, id, seconds(30));
  }

  sim::Scheduler scheduler_;
  Drivers drivers_{scheduler_};
};

TEST_F(ApplicationPagesTest, APageSaysWhoseItIs) {
  drivers_.at = {{4040, {"app-1"}}, {4043, {"app-2"}}};
  EXPECT_EQ(find("app-2").port, 4043);
  const FoundApplication ended = find("app-3");
  EXPECT_EQ(ended.port, 0);
  EXPECT_EQ(ended.silent_port, 0);
}

// A CI machine with two processors and six suites: a session's page took more than five seconds for
// its first answer, and the application was told not to run.
TEST_F(ApplicationPagesTest, APageThatThinksIsWaitedFor) {
  drivers_.at = {{4040, {"app-1", 0, seconds(8)}}};
  EXPECT_EQ(find("app-1").port, 4040);
}

TEST_F(ApplicationPagesTest, AnotherIsFoundBesideASilentOne) {
  drivers_.at = {{4040, {"app-1", 0, seconds(100)}}, {4041, {"app-2"}}};
  const auto begin = scheduler_.monotonic();
  EXPECT_EQ(find("app-2").port, 4041);
  EXPECT_LE(scheduler_.monotonic() - begin, seconds(1));
}

TEST_F(ApplicationPagesTest, WhoIsSilentTooLongIsNamed) {
  for (int port = 4040; port < 4050; ++port) drivers_.at[port] = {"app-1", 0, seconds(100)};
  const auto begin = scheduler_.monotonic();
  EXPECT_EQ(find("app-1").silent_port, 4040);
  EXPECT_LE(scheduler_.monotonic() - begin, seconds(30));
}

TEST_F(ApplicationPagesTest, ADriverThatStartsUpMayBeIt) {
  drivers_.at = {{4040, {""}}};
  EXPECT_EQ(find("app-1").silent_port, 4040);
}

TEST_F(ApplicationPagesTest, TasksOfAllApplicationsAreCounted) {
  // The one at 4040 has ended: the next keeps its port.
  drivers_.at = {{4041, {"app-2", 5}}, {4044, {"app-3", 7}}};
  const Demand demand = count_tasks(drivers_, kDrivers, 2);
  EXPECT_EQ(demand.tasks, 12);
  EXPECT_TRUE(demand.whole);
}

TEST_F(ApplicationPagesTest, SilenceIsNotIdleness) {
  drivers_.at = {{4040, {"app-1", 100, seconds(100)}}, {4041, {"app-2", 5}}};
  const Demand demand = count_tasks(drivers_, kDrivers, 2);
  EXPECT_EQ(demand.tasks, 5);
  EXPECT_FALSE(demand.whole);
}

TEST_F(ApplicationPagesTest, WithoutApplicationsNobodyIsAsked) {
  EXPECT_EQ(count_tasks(drivers_, kDrivers, 0).tasks, 0);
  EXPECT_EQ(drivers_.asked, 0);
}

}  // namespace
}  // namespace tarn::emr
