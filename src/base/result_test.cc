#include "base/result.h"

#include <memory>
#include <optional>

#include <gtest/gtest.h>

namespace tarn {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error("Odd", "an even number is wanted", 400);
  return number / 2;
}

Result<std::string> quarter(int number) {
  TARN_TRY(const int once, half(number));
  TARN_TRY(const int twice, half(once));
  return std::to_string(twice);
}

TEST(ResultTest, HoldsAValueOrWhyThereIsNone) {
  EXPECT_EQ(*quarter(12), "3");
  const Result<std::string> failed = quarter(6);
  ASSERT_FALSE(failed.ok());
  EXPECT_TRUE(failed.error().is("Odd"));
  EXPECT_EQ(failed.error().message, "an even number is wanted");
  EXPECT_EQ(failed.error().http_status, 400);
}

TEST(ResultTest, AFailureIsNoSuccessOnceItWasMovedFrom) {
  Result<std::string> failed = quarter(6);
  const Result<std::string> moved = std::move(failed);
  EXPECT_FALSE(moved.ok());
  EXPECT_FALSE(failed.ok());  // NOLINT(bugprone-use-after-move): that is the question
}

TEST(ResultTest, ACopyHasAnErrorOfItsOwn) {
  Result<int> one = half(3);
  const Result<int> other = one;
  one.error().message = "changed";
  EXPECT_EQ(other.error().message, "an even number is wanted");
}

TEST(ResultTest, IsAssignedWhateverItWas) {
  Result<std::string> result = quarter(6);
  result = quarter(4);
  EXPECT_EQ(*result, "1");
  result = Error("Gone", "");
  EXPECT_TRUE(result.error().is("Gone"));
}

TEST(ResultTest, HoldsWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 7);
}

TEST(ResultTest, AStatusIsOkUntilItHasAnError) {
  Status status;
  EXPECT_TRUE(status.ok());
  status = Error("Odd", "", 0);
  EXPECT_FALSE(status.ok());
  const Status passed_on = std::move(status).failure();
  EXPECT_TRUE(passed_on.error().is("Odd"));
}

TEST(ResultTest, DetailsTravelWithTheError) {
  Error error("NoSuchBucket", "no such bucket", 404);
  error.details.emplace_back("BucketName", "pixels");
  const Result<int> result = error;
  EXPECT_EQ(result.error().details.front().second, "pixels");
  EXPECT_EQ(error.details.size(), 1U) << "an error that is named is copied";
}

}  // namespace
}  // namespace tarn
