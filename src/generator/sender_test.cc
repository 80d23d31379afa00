#include "generator/sender.h"

#include <deque>
#include <functional>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/report.h"
#include "wire/json_value.h"

namespace tarn::generator {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr Nanoseconds kStart = seconds(1'000);
constexpr Timestamp kWall{1'709'644'029'045};

Renderer renderer(std::string_view text) {
  Result<Template> parsed = Template::parse(text);
  EXPECT_TRUE(parsed.ok());
  return {std::move(parsed).value(), 5, 0};
}

// A service and its connections in virtual time: every request takes `latency`, and `reply` says
// what comes of it.
class Line {
 public:
  enum class Fate { kAnswered, kRefusedConnection, kBroken };
  using Reply = std::function<Fate(const Batch& batch, Answer& answer, Nanoseconds now)>;

  Line(Sender& sender, std::size_t connections, Nanoseconds latency, Reply reply)
      : sender_(sender), free_(connections), latency_(latency), reply_(std::move(reply)) {}

  // Until the sender is finished, or `until`.
  void run(Nanoseconds until) {
    while (now_ < until && !finished_) step();
  }

  Nanoseconds now_ = kStart;
  bool finished_ = false;
  std::string refused_;
  std::vector<std::pair<Nanoseconds, std::size_t>> requests_;
  std::map<std::string, int> stored_;

 private:
  struct Flight {
    Nanoseconds arrival;
    Batch batch;
  };

  void step() {
    Nanoseconds wake = now_ + seconds(1);
    while (free_ > 0 && !finished_) {
      Sender::Work work = sender_.next(now_, kWall);
      if (Batch* batch = std::get_if<Batch>(&work)) {
        requests_.emplace_back(now_, batch->size());
        flights_.push_back({now_ + latency_, std::move(*batch)});
        --free_;
        continue;
      }
      if (const auto* wait = std::get_if<Sender::WaitUntil>(&work)) wake = wait->time;
      if (const Error* error = std::get_if<Error>(&work)) refused_ = error->message;
      finished_ = !std::holds_alternative<Sender::WaitUntil>(work);
      if (finished_) return;
      break;
    }
    if (!flights_.empty())
      wake = free_ > 0 ? std::min(wake, flights_.front().arrival) : flights_.front().arrival;
    now_ = std::max(now_, wake);
    while (!flights_.empty() && flights_.front().arrival <= now_) land();
  }

  void land() {
    const Flight flight = std::move(flights_.front());
    flights_.pop_front();
    ++free_;
    Answer answer;
    answer.errors.resize(flight.batch.size());
    const Fate fate = reply_(flight.batch, answer, now_);
    for (std::size_t i = 0; i < flight.batch.size(); ++i) {
      const bool taken = answer.kind == Answer::Kind::kRecords && answer.errors[i].empty();
      if (fate == Fate::kBroken || (fate == Fate::kAnswered && taken))
        ++stored_[std::string(flight.batch.data(i))];
    }
    if (fate == Fate::kAnswered) {
      sender_.answered(flight.batch, answer, now_);
    } else {
      sender_.unanswered(flight.batch, "connection refused", fate == Fate::kBroken, now_);
    }
  }

  Sender& sender_;
  std::size_t free_;
  Nanoseconds latency_;
  Reply reply_;
  std::deque<Flight> flights_;
};

Line::Fate accept_all(const Batch&, Answer&, Nanoseconds) {
  return Line::Fate::kAnswered;
}

Sender sender_of(SenderOptions options, std::string_view text = "{{random.uuid}}") {
  return {renderer(text), renderer("{{random.uuid}}"), options, 1, kStart};
}

TEST(Sender, KeepsTheRateAndEndsWithTheDuration) {
  Sender sender = sender_of({.records_per_s = 1'000, .duration = seconds(120)});
  Line line(sender, 4, milliseconds(5), accept_all);
  line.run(kStart + seconds(200));
  EXPECT_TRUE(line.finished_);
  EXPECT_EQ(sender.stats().acknowledged, 120'000U);
  EXPECT_EQ(line.stored_.size(), 120'000U);
  EXPECT_LT(line.now_, kStart + seconds(121));
  // Evenly: each second its thousand.
  std::map<std::int64_t, std::size_t> by_second;
  for (const auto& [time, records] : line.requests_)
    by_second[(time - kStart) / seconds(1)] += records;
  for (std::int64_t second = 0; second < 119; ++second)
    EXPECT_NEAR(static_cast<double>(by_second[second]), 1'000, 51);
}

TEST(Sender, SendsExactlyTheCount) {
  for (const double rate : {0.0, 333.0}) {
    Sender sender = sender_of({.records_per_s = rate, .count = 1'234});
    Line line(sender, 3, milliseconds(2), accept_all);
    line.run(kStart + seconds(60));
    EXPECT_TRUE(line.finished_);
    EXPECT_EQ(sender.stats().sent, 1'234U);
    EXPECT_EQ(line.stored_.size(), 1'234U);
  }
}

TEST(Sender, ARequestHoldsAtMost500RecordsAnd5MiB) {
  Sender many = sender_of({.count = 1'200});
  Line line(many, 1, milliseconds(1), accept_all);
  line.run(kStart + seconds(10));
  EXPECT_EQ(line.requests_[0].second, 500U);
  EXPECT_EQ(line.requests_[2].second, 200U);

  // Records of just under 1 MiB, then a request of five.
  Sender large = sender_of({.count = 12}, "{{random.alphaNumeric(1000000)}}");
  Line wide(large, 1, milliseconds(1), [](const Batch& batch, Answer&, Nanoseconds) {
    EXPECT_LE(batch.bytes(), kMostBytesPerRequest);
    return Line::Fate::kAnswered;
  });
  wide.run(kStart + seconds(10));
  EXPECT_EQ(wide.requests_[0].second, 5U);
  EXPECT_EQ(wide.stored_.size(), 12U);
  EXPECT_EQ(large.stats().retried, 0U);
}

TEST(Sender, SendsAgainEachRecordThatFailedUntilItIsTaken) {
  Sender sender = sender_of({.records_per_s = 1'000, .duration = seconds(10)});
  int turn = 0;
  Line line(sender, 4, milliseconds(5), [&turn](const Batch&, Answer& answer, Nanoseconds) {
    for (std::string& error : answer.errors) {
      if (++turn % 3 == 0) error = "ProvisionedThroughputExceededException";
    }
    return Line::Fate::kAnswered;
  });
  line.run(kStart + seconds(60));
  EXPECT_TRUE(line.finished_);
  EXPECT_EQ(sender.stats().acknowledged, 10'000U);
  EXPECT_EQ(sender.stats().lost, 0U);
  EXPECT_EQ(line.stored_.size(), 10'000U);
  for (const auto& [data, times] : line.stored_) EXPECT_EQ(times, 1) << data;
  EXPECT_EQ(sender.stats().errors.at("ProvisionedThroughputExceededException"),
            sender.stats().retried);
}

TEST(Sender, SurvivesAServerThatIsAwayForTenSeconds) {
  Sender sender = sender_of({.records_per_s = 1'000, .duration = seconds(30), .connections = 4});
  Line line(sender, 4, milliseconds(5), [](const Batch&, Answer&, Nanoseconds now) {
    const bool away = now > kStart + seconds(5) && now < kStart + seconds(15);
    return away ? Line::Fate::kRefusedConnection : Line::Fate::kAnswered;
  });
  line.run(kStart + seconds(120));
  EXPECT_TRUE(line.finished_);
  EXPECT_EQ(sender.stats().lost, 0U);
  EXPECT_EQ(sender.stats().acknowledged, sender.stats().sent);
  EXPECT_EQ(line.stored_.size(), sender.stats().sent);
  // What waited is bounded, and what was missed beyond a second's worth is not caught up.
  EXPECT_LE(sender.stats().sent, 20'000U + 4 * 500 + 1'000 + 500);
  EXPECT_GE(sender.stats().sent, 19'000U);
  EXPECT_EQ(sender.stats().perhaps_twice, 0U);
}

TEST(Sender, ABrokenConnectionMayMeanTwiceAndIsCounted) {
  Sender sender = sender_of({.count = 1'000});
  int request = 0;
  Line line(sender, 1, milliseconds(5), [&request](const Batch&, Answer&, Nanoseconds) {
    return request++ == 0 ? Line::Fate::kBroken : Line::Fate::kAnswered;
  });
  line.run(kStart + seconds(10));
  EXPECT_EQ(sender.stats().acknowledged, 1'000U);
  EXPECT_EQ(sender.stats().perhaps_twice, 500U);
  int twice = 0;
  for (const auto& [data, times] : line.stored_) twice += times == 2 ? 1 : 0;
  EXPECT_EQ(twice, 500);
}

TEST(Sender, CountsAsLostWhatIsNotTakenInTime) {
  Sender sender = sender_of({.count = 700, .retry_for = seconds(5)});
  Line line(sender, 2, milliseconds(5), [](const Batch&, Answer& answer, Nanoseconds) {
    answer = {Answer::Kind::kAgain, {}, "InternalFailure", "no"};
    return Line::Fate::kAnswered;
  });
  line.run(kStart + seconds(60));
  EXPECT_TRUE(line.finished_);
  EXPECT_EQ(sender.stats().lost, 700U);
  EXPECT_EQ(sender.stats().pending(), 0U);
  EXPECT_LT(line.now_, kStart + seconds(7));
  EXPECT_EQ(sender.stats().last_error, "InternalFailure: no");
}

TEST(Sender, StopBringsHomeWhatWasMade) {
  Sender sender = sender_of({.records_per_s = 100});
  Line line(sender, 2, milliseconds(50), accept_all);
  line.run(kStart + seconds(3));
  EXPECT_FALSE(line.finished_);
  sender.stop();
  line.run(kStart + seconds(10));
  EXPECT_TRUE(line.finished_);
  EXPECT_EQ(sender.stats().pending(), 0U);
  EXPECT_EQ(sender.stats().lost, 0U);
  EXPECT_NEAR(static_cast<double>(sender.stats().sent), 300, 11);
}

TEST(Sender, AbandonCountsEverythingOutstandingAsLost) {
  Sender sender = sender_of({.count = 10});
  Sender::Work work = sender.next(kStart, kWall);
  ASSERT_TRUE(std::holds_alternative<Batch>(work));
  sender.abandon();
  EXPECT_TRUE(std::holds_alternative<Sender::Finished>(sender.next(kStart, kWall)));
  sender.unanswered(std::get<Batch>(work), "cancelled", true, kStart);
  EXPECT_EQ(sender.stats().lost, 10U);
  EXPECT_EQ(sender.stats().perhaps_twice, 0U);
}

TEST(Sender, RefusesWhatTheServiceCannotTake) {
  Sender no_key(renderer("x"), renderer("{{helpers.replaceSymbols('')}}"), {.count = 1}, 1, kStart);
  Line first(no_key, 1, milliseconds(1), accept_all);
  first.run(kStart + seconds(1));
  EXPECT_THAT(first.refused_,
              HasSubstr("a partition key has 1 to 256 characters, the template made one of 0"));

  std::string accents;
  for (std::size_t i = 0; i < kMostKeyCharacters; ++i) accents += "é";
  Sender long_key(renderer("x"), renderer(accents), {.count = 1}, 1, kStart);
  Line taken(long_key, 1, milliseconds(1), accept_all);
  taken.run(kStart + seconds(1));
  EXPECT_EQ(long_key.stats().acknowledged, 1U);
  Sender longer_key(renderer("x"), renderer(accents + "e"), {.count = 1}, 1, kStart);
  Line refused(longer_key, 1, milliseconds(1), accept_all);
  refused.run(kStart + seconds(1));
  EXPECT_THAT(refused.refused_, HasSubstr("made one of 257"));

  Sender huge =
      sender_of({.count = 1}, "{{lorem.words(10000)}}" + std::string(kMostBytesPerRequest, 'x'));
  Line second(huge, 1, milliseconds(1), accept_all);
  second.run(kStart + seconds(1));
  EXPECT_THAT(second.refused_, HasSubstr("a request holds 5242880"));
}

TEST(Sender, RecordsMadeWithOneSeedAreTheSame) {
  std::set<std::string> first, second;
  for (std::set<std::string>* stored : {&first, &second}) {
    Sender sender = sender_of({.count = 100});
    Line line(sender, 2, milliseconds(1), accept_all);
    line.run(kStart + seconds(1));
    for (const auto& [data, times] : line.stored_) stored->insert(data);
  }
  EXPECT_EQ(first, second);
  EXPECT_EQ(first.size(), 100U);
}

TEST(RateLimit, KeepsAtMostASecond) {
  RateLimit rate(100, kStart);
  EXPECT_EQ(rate.available(kStart), 0U);
  EXPECT_EQ(rate.available(kStart + milliseconds(250)), 25U);
  EXPECT_EQ(rate.available(kStart + seconds(60)), 100U);
  rate.take(100);
  EXPECT_EQ(rate.when(5), kStart + seconds(60) + milliseconds(50));
}

TEST(RateLimit, LessThanOneASecondStillSends) {
  Sender sender = sender_of({.records_per_s = 0.5, .duration = seconds(10)});
  Line line(sender, 1, milliseconds(1), accept_all);
  line.run(kStart + seconds(20));
  EXPECT_EQ(sender.stats().acknowledged, 5U);
}

TEST(Report, NamesEveryFigure) {
  SenderStats stats{.sent = 10,
                    .acknowledged = 8,
                    .retried = 3,
                    .lost = 2,
                    .perhaps_twice = 1,
                    .bytes = 4'000'000,
                    .requests = 4,
                    .errors = {{"InternalFailure", 5}},
                    .last_error = "InternalFailure: no"};
  EXPECT_EQ(progress_line(stats, seconds(2), 4),
            "2.0 s · sent 10 · acknowledged 8 · retried 3 · lost 2 · 4 records/s");
  const std::string text = summary_text("clicks", stats, seconds(2));
  EXPECT_THAT(text, HasSubstr("Lost          2\n"));
  EXPECT_THAT(text, HasSubstr("Perhaps twice 1"));
  EXPECT_THAT(text, HasSubstr("4 records/s, 2.00 MB/s over 2.0 s in 4 requests"));
  EXPECT_THAT(text, HasSubstr("5 × InternalFailure"));
  const nlohmann::json json = nlohmann::json::parse(summary_json("clicks", stats, seconds(2)));
  EXPECT_EQ(json["lost"], 2);
  EXPECT_EQ(json["errors"]["InternalFailure"], 5);
  EXPECT_DOUBLE_EQ(json["records_per_second"], 4.0);
}

}  // namespace
}  // namespace tarn::generator
