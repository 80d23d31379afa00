// Pages of other programs, against a listener of the test's own.
#include "platform/real/network.h"

#include <cstring>
#include <string>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "platform/real/descriptor.h"
#include "platform/real/process_table.h"

namespace tarn::platform::real {
namespace {

using std::chrono::milliseconds;

// Answers one connection with `answer` and closes it; an empty answer keeps it open until the test
// ends.
class OnePage {
 public:
  explicit OnePage(std::string answer) : answer_(std::move(answer)) {
    socket_ = Descriptor(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr generic{};
    std::memcpy(&generic, &at, sizeof(at));
    socklen_t length = sizeof(at);
    EXPECT_EQ(::bind(socket_.get(), &generic, length), 0);
    EXPECT_EQ(::listen(socket_.get(), 1), 0);
    EXPECT_EQ(::getsockname(socket_.get(), &generic, &length), 0);
    std::memcpy(&at, &generic, sizeof(at));
    port = ntohs(at.sin_port);
    if (!answer_.empty()) thread_ = std::thread([this] { serve(); });
  }
  OnePage(const OnePage&) = delete;
  OnePage& operator=(const OnePage&) = delete;
  ~OnePage() {
    if (thread_.joinable()) thread_.join();
  }

  std::uint16_t port = 0;
  std::string request;

 private:
  void serve() {
    const Descriptor peer(::accept(socket_.get(), nullptr, nullptr));
    char piece[1024];
    const ssize_t got = ::recv(peer.get(), piece, sizeof(piece), 0);
    request.assign(piece, got > 0 ? static_cast<std::size_t>(got) : 0);
    EXPECT_EQ(::send(peer.get(), answer_.data(), answer_.size(), 0),
              static_cast<ssize_t>(answer_.size()));
  }

  std::string answer_;
  Descriptor socket_;
  std::thread thread_;
};

TEST(Network, GivesTheContentOfAPage) {
  OnePage page("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":1}");
  const auto got = Network().get("127.0.0.1", page.port, "/json/", milliseconds(5000));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(*got, "{\"a\":1}");
}

TEST(Network, AnotherStatusIsAnError) {
  OnePage page("HTTP/1.1 404 Not Found\r\n\r\nno");
  const auto got = Network().get("127.0.0.1", page.port, "/", milliseconds(5000));
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(code::kIo));
}

TEST(Network, NobodyListeningIsAnErrorAtOnce) {
  const auto port = free_port("127.0.0.1");
  ASSERT_TRUE(port.ok());
  const auto got = Network().get("127.0.0.1", *port, "/", milliseconds(60000));
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(code::kIo));
}

TEST(Network, ASilentPageIsATimeout) {
  OnePage page("");
  const auto got = Network().get("127.0.0.1", page.port, "/", milliseconds(50));
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(code::kTimeout));
}

TEST(Network, FetchesWhateverIsAnsweredWithWhereItLeads) {
  OnePage page("HTTP/1.1 302 Found\r\nCONTENT-type: text/html\r\nLocation:  /Jobs/\r\n\r\nmoved");
  const Question question{"/?a=1", {{"X-Forwarded-Context", "/at"}}};
  const auto got = Network().fetch("127.0.0.1", page.port, question, milliseconds(5000));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->status, 302);
  EXPECT_EQ(got->content_type, "text/html");
  EXPECT_EQ(got->location, "/Jobs/");
  EXPECT_EQ(got->content, "moved");
  EXPECT_TRUE(page.request.starts_with("GET /?a=1 HTTP/1.0\r\n")) << page.request;
  EXPECT_NE(page.request.find("\r\nX-Forwarded-Context: /at\r\n"), std::string::npos);
}

TEST(Network, WhatIsNoHttpIsAnError) {
  OnePage page("220 mail.example\r\n\r\n");
  const auto got = Network().fetch("127.0.0.1", page.port, {"/", {}}, milliseconds(5000));
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(code::kIo));
}

TEST(Network, ACallTellsItsEndsAndItsAnswersStatus) {
  OnePage page("HTTP/1.1 403 Forbidden\r\n\r\nno");
  PageRequest request;
  request.method = "POST";
  request.path = "/report";
  request.headers = {{"X-Own", "1"}};
  request.content = [](const ConnectionEnds& ends) {
    return ends.own + " " + ends.other;
  };
  const auto got = Network().call("localhost", page.port, request, milliseconds(5000));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->status, 403);
  EXPECT_EQ(got->content, "no");
  EXPECT_TRUE(page.request.starts_with("POST /report HTTP/1.0\r\n")) << page.request;
  EXPECT_NE(page.request.find("X-Own: 1\r\n"), std::string::npos);
  EXPECT_NE(page.request.find("Content-Length: 19\r\n"), std::string::npos);
}

TEST(Network, ANameIsNoAddress) {
  const auto got = Network().get("localhost", 80, "/", milliseconds(50));
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(code::kInvalid));
}

}  // namespace
}  // namespace tarn::platform::real
