#include "platform/real/process_table.h"

#include <csignal>
#include <filesystem>

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include "platform/real/files.h"

namespace tarn::platform::real {
namespace {

using boost::asio::ip::tcp;

class ProcessTableTest : public testing::Test {
 protected:
  ProcessTableTest() {
    std::string pattern = testing::TempDir() + "tarn-process-table-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~ProcessTableTest() override { std::filesystem::remove_all(folder_); }

  std::optional<ExitStatus> end_of(int pid) {
    for (int i = 0; i < 500; ++i) {
      if (const auto end = background_end(pid)) return end;
      pause_thread(std::chrono::milliseconds(10));
    }
    return std::nullopt;
  }

  std::string folder_;
  Files files_;
};

TEST_F(ProcessTableTest, TellsWhoHoldsALock) {
  const std::string path = folder_ + "/lock";
  EXPECT_EQ(lock_holder(path), std::nullopt);
  ASSERT_TRUE(files_.lock(path).ok());
  EXPECT_EQ(lock_holder(path), ::getpid());
}

TEST_F(ProcessTableTest, ALockFileThatNobodyHoldsIsNobodys) {
  ASSERT_TRUE(files_.write_atomically(folder_ + "/lock", "1\n", 0600).ok());
  EXPECT_EQ(lock_holder(folder_ + "/lock"), std::nullopt);
}

TEST_F(ProcessTableTest, TellsWhoListensOnAPort) {
  boost::asio::io_context context;
  tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  const auto listener = listener_on(acceptor.local_endpoint().port());
  ASSERT_TRUE(listener.has_value());
  EXPECT_EQ(listener->pid, ::getpid());
  EXPECT_NE(listener->command.find("platform_real_test"), std::string::npos);
  const std::uint16_t port = acceptor.local_endpoint().port();
  acceptor.close();
  EXPECT_FALSE(listener_on(port).has_value());
}

TEST_F(ProcessTableTest, AFreePortIsOneThatCanBeListenedOn) {
  const auto port = free_port("127.0.0.1");
  ASSERT_TRUE(port.ok());
  boost::asio::io_context context;
  const tcp::acceptor acceptor(context,
                               tcp::endpoint(boost::asio::ip::address_v4::loopback(), *port));
  EXPECT_EQ(acceptor.local_endpoint().port(), *port);
  EXPECT_EQ(free_port("203.0.113.7").error().code, code::kInvalid);
}

TEST_F(ProcessTableTest, ABackgroundProgramHasASessionAndAFileOfItsOwn) {
  BackgroundSpec spec;
  spec.arguments = {"/bin/sh", "-c", "echo \"$WORD\"; echo wrong >&2; exit 3"};
  spec.environment = {{"WORD", "hello"}};
  spec.output_path = folder_ + "/out";
  const auto pid = start_background(spec);
  ASSERT_TRUE(pid.ok());
  EXPECT_EQ(::getsid(*pid), *pid);
  const auto end = end_of(*pid);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->code, 3);
  EXPECT_EQ(files_.read(spec.output_path).value(), "hello\nwrong\n");
}

TEST_F(ProcessTableTest, ABackgroundProgramThatIsNotThereIsNotFound) {
  BackgroundSpec spec;
  spec.arguments = {"/no/such/program"};
  spec.output_path = folder_ + "/out";
  EXPECT_EQ(start_background(spec).error().code, code::kNotFound);
}

TEST_F(ProcessTableTest, SignalsAProcess) {
  BackgroundSpec spec;
  spec.arguments = {"/bin/sleep", "100"};
  spec.output_path = folder_ + "/out";
  const int pid = start_background(spec).value();
  ASSERT_TRUE(send_signal(pid, SIGTERM).ok());
  EXPECT_EQ(end_of(pid)->signal, SIGTERM);
  EXPECT_EQ(send_signal(pid, SIGTERM).error().code, code::kNotFound);
}

}  // namespace
}  // namespace tarn::platform::real
