#include "tarn/generate_run.h"

#include <csignal>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <thread>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/real/clock.h"
#include "platform/real/threads.h"
#include "wire/encoding.h"
#include "wire/json_value.h"

namespace tarn::app {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

// A service of one thread that answers one connection after another by `answer`; nullopt breaks the
// connection.
class ScriptedService {
 public:
  using Reply = std::function<std::optional<Response>(const Request& request)>;

  explicit ScriptedService(Reply answer, unsigned short port = 0)
      : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), port)),
        answer_(std::move(answer)) {
    port_ = acceptor_.local_endpoint().port();
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }
  ScriptedService(const ScriptedService&) = delete;
  ScriptedService& operator=(const ScriptedService&) = delete;
  ~ScriptedService() {
    context_.stop();
    thread_.join();
  }

  [[nodiscard]] unsigned short port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  asio::awaitable<void> accept() {
    while (true) {
      tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
      ++connections_;
      asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code failure;
    while (true) {
      Request request;
      auto read = asio::redirect_error(asio::use_awaitable, failure);
      co_await http::async_read(socket, buffer, request, read);
      if (failure) co_return;
      std::optional<Response> response = answer_(request);
      if (!response) co_return;
      response->prepare_payload();
      auto written = asio::redirect_error(asio::use_awaitable, failure);
      co_await http::async_write(socket, *response, written);
      if (failure || !response->keep_alive()) co_return;
    }
  }

  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  Reply answer_;
  unsigned short port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

Response acknowledge(const Request& request, std::multiset<std::string>* stored = nullptr) {
  nlohmann::json answer = {{"FailedRecordCount", 0}, {"Records", nlohmann::json::array()}};
  const nlohmann::json sent = nlohmann::json::parse(request.body());
  for (const auto& record : sent["Records"]) {
    if (stored != nullptr)
      stored->insert(wire::from_base64(record["Data"].get<std::string>()).value());
    answer["Records"].push_back({{"SequenceNumber", "1"}, {"ShardId", "shardId-000000000000"}});
  }
  Response response(http::status::ok, 11);
  response.keep_alive(true);
  response.body() = answer.dump();
  return response;
}

Response refuse(http::status status, const std::string& body) {
  Response response(status, 11);
  response.body() = body;
  return response;
}

generator::Renderer renderer(std::string_view text) {
  auto parsed = generator::Template::parse(text);
  EXPECT_TRUE(parsed.ok());
  return {std::move(parsed).value(), 3, 0};
}

class GenerateRun : public ::testing::Test {
 protected:
  GenerateOutcome run(unsigned short port, generator::SenderOptions options,
                      std::size_t connections = 2) {
    generator::Sender sender(renderer("{{random.uuid}}"), renderer("{{random.uuid}}"), options, 1,
                             clock_.monotonic());
    const StreamTarget target{
        "127.0.0.1", std::to_string(port), "us-west-2", "clicks", {"AKID", "secret", ""}};
    GenerateEvents events;
    events.progress = [this](const auto&, auto, double) {
      ++progress_;
    };
    events.stopping = [this] {
      ++stopping_;
    };
    asio::io_context context(1);
    return run_generate(context, clock_, sender, target, connections, events);
  }

  platform::real::Threads threads_{{.io_threads = 1, .blocking_threads = 1}};
  platform::real::Clock clock_{threads_};
  int progress_ = 0;
  int stopping_ = 0;
};

TEST_F(GenerateRun, SignsPutRecordsAndKeepsItsConnections) {
  std::multiset<std::string> stored;
  std::string authorization;
  std::string target;
  ScriptedService service([&](const Request& request) {
    authorization = request[http::field::authorization];
    target = request["X-Amz-Target"];
    return acknowledge(request, &stored);
  });
  const GenerateOutcome outcome = run(service.port(), {.count = 5'000});
  EXPECT_EQ(outcome.stats.acknowledged, 5'000U);
  EXPECT_EQ(stored.size(), 5'000U);
  EXPECT_EQ(target, "Kinesis_20131202.PutRecords");
  EXPECT_THAT(authorization, StartsWith("AWS4-HMAC-SHA256 Credential=AKID/"));
  EXPECT_THAT(authorization, HasSubstr("/us-west-2/kinesis/aws4_request"));
  EXPECT_LE(service.connections(), 2);
}

TEST_F(GenerateRun, SendsAgainTheRecordsThatFailed) {
  std::multiset<std::string> stored;
  int turn = 0;
  ScriptedService service([&](const Request& request) {
    Response response = acknowledge(request);
    nlohmann::json answer = nlohmann::json::parse(response.body());
    const nlohmann::json records = nlohmann::json::parse(request.body())["Records"];
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (++turn % 4 == 0) {
        answer["Records"][i] = {{"ErrorCode", "ProvisionedThroughputExceededException"},
                                {"ErrorMessage", "Rate exceeded"}};
      } else {
        stored.insert(records[i]["Data"].get<std::string>());
      }
    }
    response.body() = answer.dump();
    return response;
  });
  const GenerateOutcome outcome = run(service.port(), {.count = 1'000});
  EXPECT_EQ(outcome.stats.acknowledged, 1'000U);
  EXPECT_EQ(outcome.stats.lost, 0U);
  EXPECT_GE(outcome.stats.retried, 250U);
  EXPECT_EQ(stored.size(), 1'000U);
  EXPECT_EQ((std::set<std::string>(stored.begin(), stored.end()).size()), 1'000U);
}

TEST_F(GenerateRun, GoesOnAfterTheServerCameBack) {
  std::multiset<std::string> stored;
  const auto answer = [&stored](const Request& request) {
    return acknowledge(request, &stored);
  };
  auto service = std::make_unique<ScriptedService>(answer);
  const unsigned short port = service->port();
  auto outcome = std::async(std::launch::async, [&] {
    return run(port, {.records_per_s = 500, .duration = std::chrono::seconds(3)});
  });
  const auto sleep_ms = [](int ms) {
    asio::io_context context;
    asio::steady_timer timer(context, std::chrono::milliseconds(ms));
    timer.wait();
  };
  sleep_ms(1'000);
  service.reset();
  sleep_ms(1'000);
  service = std::make_unique<ScriptedService>(answer, port);
  const GenerateOutcome result = outcome.get();
  EXPECT_GE(result.stats.sent, 1'000U);
  EXPECT_EQ(result.stats.acknowledged, result.stats.sent);
  EXPECT_EQ(result.stats.lost, 0U);
  EXPECT_FALSE(result.stats.errors.empty());
  EXPECT_EQ((std::set<std::string>(stored.begin(), stored.end()).size()), result.stats.sent);
  EXPECT_LE(stored.size(), result.stats.sent + result.stats.perhaps_twice);
}

TEST_F(GenerateRun, AnAnswerThatNeverComesCountsAsPerhapsTwice) {
  int requests = 0;
  ScriptedService service([&](const Request& request) -> std::optional<Response> {
    if (++requests == 1) return std::nullopt;
    return acknowledge(request);
  });
  const GenerateOutcome outcome = run(service.port(), {.count = 500}, 1);
  EXPECT_EQ(outcome.stats.acknowledged, 500U);
  EXPECT_EQ(outcome.stats.perhaps_twice, 500U);
  EXPECT_EQ(service.connections(), 2);
}

TEST_F(GenerateRun, EndsAtOnceWhereTheServiceRefuses) {
  ScriptedService service([](const Request&) {
    return refuse(http::status::bad_request,
                  R"({"__type":"ResourceNotFoundException","message":"Stream clicks not found."})");
  });
  const GenerateOutcome outcome = run(service.port(), {.records_per_s = 100});
  EXPECT_EQ(outcome.refused, "ResourceNotFoundException: Stream clicks not found.");
  EXPECT_EQ(outcome.stats.lost, outcome.stats.sent);
  EXPECT_LT(outcome.elapsed, std::chrono::seconds(5));
}

TEST_F(GenerateRun, ASignalBringsHomeWhatWasSent) {
  std::multiset<std::string> stored;
  ScriptedService service([&](const Request& request) {
    if (stored.empty()) std::raise(SIGINT);
    return acknowledge(request, &stored);
  });
  const GenerateOutcome outcome = run(service.port(), {.records_per_s = 200});
  EXPECT_TRUE(outcome.interrupted);
  EXPECT_EQ(stopping_, 1);
  EXPECT_EQ(outcome.stats.lost, 0U);
  EXPECT_EQ(outcome.stats.acknowledged, outcome.stats.sent);
  EXPECT_EQ(stored.size(), outcome.stats.sent);
}

TEST(ParseEndpoint, TakesHostAndPort) {
  StreamTarget target;
  ASSERT_TRUE(parse_endpoint("http://127.0.0.1:4566/", target).ok());
  EXPECT_EQ(target.host + "|" + target.port, "127.0.0.1|4566");
  ASSERT_TRUE(parse_endpoint("http://localhost", target).ok());
  EXPECT_EQ(target.port, "80");
}

TEST(ParseEndpoint, SaysWhatIsWrong) {
  StreamTarget target;
  for (const std::string wrong :
       {"", "127.0.0.1:4566", "http://", "http://h:x", "http://h:", "http://h:1/path"}) {
    EXPECT_FALSE(parse_endpoint(wrong, target).ok()) << wrong;
  }
  EXPECT_THAT(parse_endpoint("https://h:1", target).error().message, HasSubstr("asks for TLS"));
}

}  // namespace
}  // namespace tarn::app
