// SPDX-License-Identifier: LGPL-2.1-or-later
// The pieces of the scan by themselves: settling, listing, digest, state file, library, catalogue, keyframes.
#include <filesystem>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "src/base/encoding.h"
#include "src/base/loop.h"
#include "src/origin/bitstream.h"
#include "src/origin/catalogue.h"
#include "src/origin/digest.h"
#include "src/origin/library.h"
#include "src/origin/settle.h"
#include "src/origin/store.h"
#include "tests/origin/support.h"

namespace butaca::origin {

namespace {

using std::chrono::milliseconds;

Entry entry(const std::string &path, std::uint64_t size_bytes)
{
    return {path, {size_bytes, 1, 1, 1}, true, {}};
}

Policy films()
{
    Policy policy;
    policy.extensions = {"mp4"};
    policy.shared_extensions = {"ogg"};
    return policy;
}

media::Asset asset(char digit, const std::string &slug)
{
    media::Asset asset;
    asset.digest = std::string(64, digit);
    asset.slug = slug;
    return asset;
}

} // namespace

TEST(Settler, AGrowingFileWaitsAnew)
{
    Settler settler(milliseconds(100));
    Settler::Time start{};
    settler.observe(entry("a", 1), start);
    settler.observe(entry("a", 2), start + milliseconds(90));
    EXPECT_TRUE(settler.take_settled(start + milliseconds(150)).empty());
    settler.observe(entry("a", 2), start + milliseconds(150));
    auto settled = settler.take_settled(start + milliseconds(190));
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled[0].stamp.size_bytes, 2U);
    EXPECT_TRUE(settler.empty());
}

TEST(Listing, FindsWhatThePolicyTakesAndFollowsNoLinkOutside)
{
    test::TemporaryFolder outside;
    test::TemporaryFolder folder;
    namespace fs = std::filesystem;
    fs::create_directories(folder.path("deep/deeper"));
    for (const char *name : {"deep/deeper/a.MP4", "b.mp4", ".hidden.mp4", "c.mp4.part", "d.txt", "e.ogg"})
        test::write_file(folder.path(name), "x");
    test::write_file(outside.path("secret.mp4"), "x");
    fs::create_symlink(outside.path("secret.mp4"), folder.path("out.mp4"));
    fs::create_symlink(outside.path(), folder.path("outfolder"));
    fs::create_symlink(folder.path("b.mp4"), folder.path("link.mp4"));
    fs::create_symlink(folder.path(), folder.path("deep/round"));
    std::set<std::string> names;
    for (const Entry &found : list_tree(folder.path(), folder.path(), films()).entries)
        names.insert(std::string(file_name_of(found.path)));
    EXPECT_EQ(names, (std::set<std::string>{"a.MP4", "b.mp4", "e.ogg", "link.mp4"}));
}

TEST(Listing, SaysWhatIsWrongWithAPipeAndAFolderWithAFilmsName)
{
    test::TemporaryFolder folder;
    ASSERT_EQ(mkfifo(folder.path("pipe.mp4").c_str(), 0600), 0);
    std::filesystem::create_directories(folder.path("folder.mp4"));
    test::write_file(folder.path("folder.mp4/inside.mp4"), "x");
    std::map<std::string, std::string> trouble;
    for (const Entry &found : list_tree(folder.path(), folder.path(), films()).entries)
        trouble[std::string(file_name_of(found.path))] = found.trouble;
    EXPECT_EQ(trouble["pipe.mp4"], "this is no regular file");
    EXPECT_EQ(trouble["folder.mp4"], "this is a folder, not a file");
    EXPECT_EQ(trouble["inside.mp4"], "");
    EXPECT_EQ(trouble.size(), 3U);
}

TEST(Digest, IsThatOfTheBytesAndNoticesAChange)
{
    test::TemporaryFolder folder;
    std::string path = folder.path("a.mp4");
    std::string bytes(3'000'000, 'q');
    test::write_file(path, bytes);
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    std::atomic<bool> stop{false};
    Stamp stamp = stamp_of(status);
    auto opened = open_unchanged(path, stamp);
    ASSERT_TRUE(opened);
    Fd fd(*opened);
    auto digest = digest_file(fd.get(), stamp, stop);
    ASSERT_TRUE(digest);
    EXPECT_EQ(*digest, sha256_hex(bytes));
    test::write_file(path, bytes + "more");
    EXPECT_EQ(digest_file(fd.get(), stamp, stop).error().code, ErrorCode::conflict);
    EXPECT_EQ(open_unchanged(path, stamp).error().code, ErrorCode::conflict);
    stop = true;
    EXPECT_EQ(digest_file(fd.get(), stamp, stop).error().code, ErrorCode::cancelled);
}

TEST(Digest, OpeningAPipeDoesNotWait)
{
    test::TemporaryFolder folder;
    std::string path = folder.path("pipe.mp4");
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    EXPECT_EQ(open_unchanged(path, Stamp{}).error().code, ErrorCode::conflict);
}

TEST(State, ComesBackAsItWasWrittenWhateverTheNames)
{
    State state;
    state.revision = 77;
    state.files["/a b\n\xff.mp4"] = {{1, -2, 3, 4}, std::string(64, 'a')};
    state.files["/c.ogg"] = {{5, 6, 7, 8}, ""};
    auto back = state_from_text(state_to_text(state));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->revision, 77U);
    ASSERT_EQ(back->files.size(), 2U);
    EXPECT_EQ(back->files["/a b\n\xff.mp4"].stamp, (Stamp{1, -2, 3, 4}));
    EXPECT_EQ(back->files["/c.ogg"].digest, "");
}

TEST(State, ThatIsDamagedIsRefused)
{
    State state;
    state.files["/a"] = {{1, 2, 3, 4}, std::string(64, 'a')};
    std::string text = state_to_text(state);
    for (std::size_t size = 0; size < text.size(); size++)
        EXPECT_FALSE(state_from_text(std::string_view(text).substr(0, size))) << size;
    EXPECT_FALSE(state_from_text("something else"));
}

TEST(Library, TwoFilesWithTheSameBytesAreOneAssetUntilBothAreGone)
{
    Library library;
    library.attach("/a", {1, 1, 10, 1}, "d");
    library.attach("/b", {1, 1, 11, 1}, "d");
    EXPECT_FALSE(library.detach("/a"));
    EXPECT_EQ(library.paths_of("d"), std::set<std::string>{"/b"});
    EXPECT_TRUE(library.detach("/b"));
}

TEST(Library, KnowsARenamedFileByItsStamp)
{
    Library library;
    Stamp stamp{1, 2, 3, 4};
    library.attach("/a", stamp, "d");
    EXPECT_EQ(library.digest_of_same(stamp), "d");
    stamp.mtime_ns++;
    EXPECT_FALSE(library.digest_of_same(stamp));
}

TEST(Catalogue, SlugsAreUnique)
{
    Catalogue catalogue(0);
    catalogue.put(asset('a', "film"));
    catalogue.put(asset('b', "film"));
    EXPECT_EQ(catalogue.find(std::string(64, 'b'))->slug, "film-2");
    catalogue.put(asset('b', "film"));
    EXPECT_EQ(catalogue.find(std::string(64, 'b'))->slug, "film-2");
}

TEST(Catalogue, TellsWhatChangedSinceARevision)
{
    Catalogue catalogue(5);
    catalogue.restore(asset('a', "a"));
    EXPECT_TRUE(catalogue.changes(4).reset);
    EXPECT_TRUE(catalogue.changes(6).reset);
    EXPECT_TRUE(catalogue.changes(5).items.empty());
    catalogue.put(asset('b', "b"));
    catalogue.remove(std::string(64, 'a'));
    auto changes = catalogue.changes(5);
    EXPECT_FALSE(changes.reset);
    EXPECT_EQ(changes.revision, 7U);
    ASSERT_EQ(changes.items.size(), 1U);
    EXPECT_EQ(changes.removed, std::vector<std::string>{std::string(64, 'a')});
    catalogue.put(asset('a', "a"));
    EXPECT_TRUE(catalogue.changes(5).removed.empty());
}

TEST(RandomAccess, IsFoundInBothFormsAndNeverBeyondTheEnd)
{
    const std::vector<std::uint8_t> stream{0, 0, 0, 1, 0x09, 0xf0, 0, 0, 1, 0x65, 1};
    const std::vector<std::uint8_t> prefixed{0, 0, 0, 2, 0x41, 0, 0, 0, 0, 2, 0x65, 0};
    const std::vector<std::uint8_t> lying{0xff, 0xff, 0xff, 0xff, 0x65};
    EXPECT_TRUE(has_random_access(stream, false, 0));
    EXPECT_TRUE(has_random_access(prefixed, false, 4));
    EXPECT_FALSE(has_random_access(lying, false, 4));
    EXPECT_FALSE(has_random_access({}, false, 4));
    const std::vector<std::uint8_t> cra{0, 0, 1, 0x2a, 1};
    EXPECT_TRUE(has_random_access(cra, true, 0));
    const std::vector<std::uint8_t> radl{0, 0, 1, 7 << 1, 1, 9};
    EXPECT_TRUE(leads_decodably(radl, 0));
    EXPECT_FALSE(leads_decodably(cra, 0));
    EXPECT_TRUE(has_closed_group(std::vector<std::uint8_t>{0, 0, 1, 0xb8, 0, 8, 0, 0x40}));
    EXPECT_FALSE(has_closed_group(std::vector<std::uint8_t>{0, 0, 1, 0xb8, 0, 8, 0, 0x20}));
    EXPECT_FALSE(has_closed_group(std::vector<std::uint8_t>{0, 0, 1, 0xb8, 0, 8, 0}));
}

} // namespace butaca::origin
