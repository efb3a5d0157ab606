// SPDX-License-Identifier: LGPL-2.1-or-later
// Files in a directory of their own; the limit, the mode and what is left behind.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "src/base/files.h"
#include "tests/base/temporary_directory.h"

using namespace butaca;
using namespace std::string_literals;

namespace {

long entries_in(const std::string &path)
{
    auto directory = std::filesystem::directory_iterator(path);
    return std::distance(begin(directory), end(directory));
}

} // namespace

TEST(Files, ReadBackWhatWasWrittenWithItsMode)
{
    test::TemporaryDirectory directory;
    std::string path = directory.at("a");
    std::string bytes(100000, '\0');
    bytes += "end";
    ASSERT_TRUE(write_file_atomically(path, "old"));
    ASSERT_TRUE(write_file_atomically(path, bytes, 0600));
    EXPECT_EQ(read_file(path, bytes.size()), bytes);
    struct stat facts = {};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u);
    EXPECT_EQ(entries_in(directory.path()), 1);
}

TEST(Files, AreNotReadBeyondTheLimit)
{
    test::TemporaryDirectory directory;
    ASSERT_TRUE(write_file_atomically(directory.at("a"), "12345"));
    EXPECT_EQ(read_file(directory.at("a"), 5), "12345");
    EXPECT_EQ(read_file(directory.at("a"), 4).error().code, ErrorCode::too_large);
    EXPECT_EQ(read_file("/dev/zero", 4).error().code, ErrorCode::invalid_argument);
}

TEST(Files, SayWhatIsMissingWithoutThePathInTheMessage)
{
    test::TemporaryDirectory directory;
    auto missing = read_file(directory.at("secret-name"), 10);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    EXPECT_EQ(missing.error().message.find("secret-name"), std::string::npos);
    EXPECT_NE(missing.error().detail.find("secret-name"), std::string::npos);
    EXPECT_EQ(write_file_atomically(directory.at("no/such/a"), "x").error().code, ErrorCode::not_found);
}

TEST(Files, KeepTheExistingOneWhenAsked)
{
    test::TemporaryDirectory directory;
    ASSERT_TRUE(write_file_atomically(directory.at("a"), "first", 0644, Existing::keep));
    EXPECT_EQ(write_file_atomically(directory.at("a"), "second", 0644, Existing::keep).error().code,
              ErrorCode::conflict);
    EXPECT_EQ(read_file(directory.at("a"), 10), "first");
    EXPECT_EQ(entries_in(directory.path()), 1);
}

TEST(Directories, AreMadeWithThoseAboveAndMayExist)
{
    test::TemporaryDirectory directory;
    ASSERT_TRUE(make_directories(directory.at("a/b/c")));
    EXPECT_TRUE(make_directories(directory.at("a/b/c/")));
    ASSERT_TRUE(write_file_atomically(directory.at("a/b/c/file"), ""));
    EXPECT_FALSE(make_directories(directory.at("a/b/c/file")));
    EXPECT_FALSE(make_directories(directory.at("a/b/c/file/d")));
}
