#include "platform/real/files.h"

#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace tarn::platform::real {
namespace {

// A folder of its own for each test, gone after it.
class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    std::string pattern = testing::TempDir() + "tarn-files-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~FilesTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
  Files files_;
};

TEST_F(FilesTest, AppendsAndReadsBackWhatWasAppended) {
  auto file = files_.open(path("log"), OpenMode::kAppend);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->append("one ").ok());
  const std::array<std::string_view, 4> parts = {"two ", "", "three", ""};
  ASSERT_TRUE((*file)->append_all(parts).ok());
  ASSERT_TRUE((*file)->sync().ok());
  EXPECT_EQ((*file)->size().value(), 13U);

  std::string out;
  ASSERT_TRUE((*file)->read_at(4, 100, out).ok());
  EXPECT_EQ(out, "two three");
  ASSERT_TRUE((*file)->read_at(50, 10, out).ok());
  EXPECT_EQ(out, "");
}

TEST_F(FilesTest, AppendsMorePartsThanOneSystemCallTakes) {
  auto file = files_.open(path("log"), OpenMode::kAppend);
  const std::vector<std::string_view> parts(3000, "abc");
  ASSERT_TRUE((*file)->append_all(parts).ok());
  const std::string content = files_.read(path("log")).value();
  ASSERT_EQ(content.size(), 9000U);
  EXPECT_EQ(content.substr(8994), "abcabc");
}

TEST_F(FilesTest, AReopenedFileIsContinuedAtItsEnd) {
  ASSERT_TRUE(files_.open(path("log"), OpenMode::kAppend).value()->append("first").ok());
  ASSERT_TRUE(files_.open(path("log"), OpenMode::kAppend).value()->append("|second").ok());
  EXPECT_EQ(files_.read(path("log")).value(), "first|second");
}

TEST_F(FilesTest, AppendGoesOnWhereTruncateAndWriteAtLeftTheEnd) {
  auto file = files_.open(path("log"), OpenMode::kCreateNew).value();
  ASSERT_TRUE(file->append("0123456789").ok());
  ASSERT_TRUE(file->truncate(4).ok());
  ASSERT_TRUE(file->append("A").ok());
  ASSERT_TRUE(file->write_at(6, "B").ok());
  ASSERT_TRUE(file->append("C").ok());
  EXPECT_EQ(files_.read(path("log")).value(), std::string("0123A\0BC", 8));
}

TEST_F(FilesTest, OpenModesRefuseWhatTheyDoNotExpect) {
  EXPECT_EQ(files_.open(path("absent"), OpenMode::kRead).error().code, code::kNotFound);
  EXPECT_EQ(files_.open(path("absent"), OpenMode::kReadWrite).error().code, code::kNotFound);
  ASSERT_TRUE(files_.open(path("new"), OpenMode::kCreateNew).ok());
  EXPECT_EQ(files_.open(path("new"), OpenMode::kCreateNew).error().code, code::kExists);
  EXPECT_EQ(files_.open(folder_, OpenMode::kRead).error().code, code::kIo);
}

TEST_F(FilesTest, AnErrorNamesThePathAndTheReason) {
  const auto absent = files_.read(path("absent"));
  EXPECT_EQ(absent.error().message,
            "cannot open " + path("absent") + ": No such file or directory");
}

TEST_F(FilesTest, WritesAtomicallyWithTheModeAskedAndLeavesNothingBehind) {
  ASSERT_TRUE(files_.write_atomically(path("secret"), "one", 0600).ok());
  ASSERT_TRUE(files_.write_atomically(path("secret"), "two", 0600).ok());
  EXPECT_EQ(files_.read(path("secret")).value(), "two");
  struct stat info{};
  ASSERT_EQ(::stat(path("secret").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(files_.list(folder_).value().size(), 1U);
}

TEST_F(FilesTest, ListsSortedWithSizesAndKinds) {
  ASSERT_TRUE(files_.make_directories(path("b/c")).ok());
  ASSERT_TRUE(files_.write_atomically(path("a"), "12345", 0644).ok());
  const auto entries = files_.list(folder_).value();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].name, "a");
  EXPECT_EQ(entries[0].size, 5U);
  EXPECT_FALSE(entries[0].is_directory);
  EXPECT_GT(entries[0].modified.ms, 1'600'000'000'000);
  EXPECT_EQ(entries[1].name, "b");
  EXPECT_TRUE(entries[1].is_directory);
  EXPECT_EQ(files_.list(path("absent")).error().code, code::kNotFound);
}

TEST_F(FilesTest, RenamesAndRemoves) {
  ASSERT_TRUE(files_.make_directories(path("to/deep")).ok());
  ASSERT_TRUE(files_.write_atomically(path("a"), "x", 0644).ok());
  ASSERT_TRUE(files_.rename(path("a"), path("to/b")).ok());
  EXPECT_FALSE(files_.exists(path("a")));
  EXPECT_EQ(files_.read(path("to/b")).value(), "x");
  EXPECT_EQ(files_.remove(path("a")).error().code, code::kNotFound);
  EXPECT_TRUE(files_.remove(path("to/b")).ok());
  EXPECT_TRUE(files_.remove_tree(path("to")).ok());
  EXPECT_TRUE(files_.remove_tree(path("to")).ok());
  EXPECT_FALSE(files_.exists(path("to")));
}

TEST_F(FilesTest, ALockIsHeldOnceAndNamesItsHolder) {
  ASSERT_TRUE(files_.lock(path("lock")).ok());
  Files other;
  const Status refused = other.lock(path("lock"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, code::kExists);
  EXPECT_EQ(refused.error().message,
            path("lock") + " is locked by process " + std::to_string(::getpid()));
}

TEST_F(FilesTest, ALockGoesWithItsHolder) {
  {
    EXPECT_TRUE(Files().lock(path("lock")).ok());
  }
  EXPECT_TRUE(files_.lock(path("lock")).ok());
}

TEST_F(FilesTest, TellsSpaceOfTheFileSystem) {
  const Space space = files_.space(folder_).value();
  EXPECT_GT(space.total, 0U);
  EXPECT_LE(space.available, space.total);
}

TEST_F(FilesTest, ResolvesLinksAndChangesOwnersOfLinksThemselves) {
  ASSERT_TRUE(files_.make_directories(path("real")).ok());
  ASSERT_EQ(::symlink("real", path("link").c_str()), 0);
  EXPECT_EQ(files_.resolve(path("link")).value(), files_.resolve(folder_).value() + "/real");
  EXPECT_EQ(files_.resolve(path("absent")).error().code, code::kNotFound);
  ASSERT_EQ(::symlink("absent", path("dangling").c_str()), 0);
  EXPECT_TRUE(files_.change_owner(path("dangling"), ::getuid(), ::getgid()).ok());
  EXPECT_EQ(files_.change_owner(path("absent"), ::getuid(), ::getgid()).error().code,
            code::kNotFound);
}

// A full disk is /dev/full: every write to it fails with ENOSPC.
TEST_F(FilesTest, AFullDiskIsItsOwnError) {
  auto full = files_.open("/dev/full", OpenMode::kReadWrite);
  ASSERT_TRUE(full.ok());
  EXPECT_EQ((*full)->append("x").error().code, code::kDiskFull);
}

// A file size limit cuts a write in two as a disk that fills up does.
TEST_F(FilesTest, AnAppendThatFailsHalfwayLeavesNoTornTail) {
  const int pid = ::fork();
  if (pid == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    Files files;
    auto file = files.open(path("log"), OpenMode::kAppend).value();
    const bool first = file->append(std::string(900, 'a')).ok();
    const bool second = file->append(std::string(900, 'b')).ok();
    const bool third = file->append(std::string(50, 'c')).ok();
    ::_exit(first && !second && third ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(files_.read(path("log")).value(), std::string(900, 'a') + std::string(50, 'c'));
}

}  // namespace
}  // namespace tarn::platform::real
