#include "services/lambda/package.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/real/files.h"

namespace tarn::lambda {
namespace {

class PackageTest : public ::testing::Test {
 protected:
  PackageTest() : folder_(testing::TempDir() + "packages-" + std::to_string(::getpid())) {
    EXPECT_TRUE(files_.remove_tree(folder_).ok());
    EXPECT_TRUE(files_.make_directories(folder_).ok());
  }
  ~PackageTest() override { EXPECT_TRUE(files_.remove_tree(folder_).ok()); }

  platform::real::Files files_;
  std::string folder_;
};

std::string zip(const std::map<std::string, std::string>& files) {
  auto made = zip_of(files);
  EXPECT_TRUE(made.ok());
  return made.ok() ? *made : "";
}

TEST_F(PackageTest, WhatIsZippedIsUnzipped) {
  Packages packages(files_, folder_);
  const auto code = packages.keep(zip({{"index.py", "x = 1"}, {"lib/deep/a.txt", "deep"}}));
  ASSERT_TRUE(code.ok()) << code.error().message;
  const std::string task = folder_ + "/task";
  const auto made = packages.unpack(*code, task);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_THAT(*made, testing::ElementsAre(task, task + "/lib", task + "/lib/deep",
                                          task + "/index.py", task + "/lib/deep/a.txt"));
  EXPECT_EQ(*files_.read(task + "/index.py"), "x = 1");
  EXPECT_EQ(*files_.read(task + "/lib/deep/a.txt"), "deep");
}

TEST_F(PackageTest, TheSameFilesAreTheSamePackage) {
  EXPECT_EQ(zip({{"a", "1"}, {"b", "2"}}), zip({{"b", "2"}, {"a", "1"}}));
}

TEST_F(PackageTest, WhatLeadsOutOfThePackageIsRefused) {
  Packages packages(files_, folder_);
  for (const std::string name : {"../out.py", "/etc/passwd", "a/../../b", "a\\..\\b"}) {
    const auto code = packages.keep(zip({{name, "x"}}));
    ASSERT_FALSE(code.ok()) << name;
    EXPECT_TRUE(code.error().is("InvalidParameterValueException"));
  }
  EXPECT_FALSE(files_.exists(folder_ + "/../out.py"));
}

TEST_F(PackageTest, NoZipAndAnEmptyOneAreRefused) {
  Packages packages(files_, folder_);
  for (const std::string& bytes : {std::string("no zip"), std::string()}) {
    const auto code = packages.keep(bytes);
    ASSERT_FALSE(code.ok());
    EXPECT_TRUE(code.error().is("InvalidParameterValueException"));
  }
}

TEST_F(PackageTest, ABombIsRefusedByWhatItSaysOfItself) {
  Packages packages(files_, folder_);
  const auto code = packages.keep(zip({{"big", std::string(kMostUnzippedBytes + 1, '0')}}));
  ASSERT_FALSE(code.ok());
  EXPECT_NE(code.error().message.find("Unzipped size"), std::string::npos);
}

TEST_F(PackageTest, ANewServerRemovesWhatNobodyUses) {
  Packages before(files_, folder_);
  const auto used = before.keep(zip({{"a.py", "a"}}));
  const auto unused = before.keep(zip({{"b.py", "b"}}));
  ASSERT_TRUE(used.ok() && unused.ok());
  Packages after(files_, folder_);
  ASSERT_TRUE(after.clean({used->sha256}).ok());
  EXPECT_TRUE(after.unpack(*used, folder_ + "/task").ok());
  EXPECT_FALSE(after.unpack(*unused, folder_ + "/other").ok());
}

}  // namespace
}  // namespace tarn::lambda
