#include "services/s3/md5_lanes.h"

#include <deque>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::s3 {
namespace {

using ::testing::Each;

std::string md5_of(const std::string& text) {
  wire::Md5 stream;
  stream.update(text);
  return stream.digest();
}

TEST(Md5Lanes, EveryUploadGetsItsOwnMd5AndGoesOnOnce) {
  std::deque<std::function<void()>> jobs;
  Md5Lanes lanes([&](std::function<void()> job) { jobs.push_back(std::move(job)); });
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 6; ++i) texts.emplace_back(100'000 + i * 1000, static_cast<char>(i));
  std::vector<wire::Md5> streams(texts.size());
  std::vector<int> done(texts.size(), 0);
  const auto add = [&](std::size_t i) {
    lanes.add(streams[i], texts[i], [&, i] { ++done[i]; });
  };
  for (std::size_t i = 0; i < 5; ++i) add(i);
  EXPECT_EQ(jobs.size(), 1U) << "one job takes all that waits";
  while (!jobs.empty()) {
    const auto job = std::move(jobs.front());
    jobs.pop_front();
    job();
    // One that comes when all seemed done begins anew.
    if (jobs.empty() && done[5] == 0) add(5);
  }
  EXPECT_THAT(done, Each(1));
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_EQ(streams[i].digest(), md5_of(texts[i])) << i;
}

}  // namespace
}  // namespace tarn::s3
