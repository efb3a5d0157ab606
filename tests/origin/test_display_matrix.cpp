// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "src/base/files.h"
#include "src/origin/display_matrix.h"
#include "tests/base/temporary_directory.h"

namespace butaca::origin {

namespace {

std::string u32(std::uint32_t value)
{
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8)
        text += static_cast<char>(value >> shift & 0xffU);
    return text;
}

std::string box(const std::string &type, const std::string &content)
{
    return u32(static_cast<std::uint32_t>(content.size() + 8)) + type + content;
}

std::string track(const std::string &handler, int a, int b, int c, int d)
{
    const auto whole = [](int value) { return u32(static_cast<std::uint32_t>(value) << 16); };
    const std::string matrix =
        whole(a) + whole(b) + u32(0) + whole(c) + whole(d) + u32(0) + u32(0) + u32(0) + u32(0x40000000);
    return box("trak", box("tkhd", std::string(40, '\0') + matrix + std::string(8, '\0')) +
                           box("mdia", box("hdlr", std::string(8, '\0') + handler + std::string(12, '\0'))));
}

std::vector<std::string> orientations(const std::string &bytes)
{
    test::TemporaryDirectory folder;
    const std::string path = folder.path() + "/film.mp4";
    EXPECT_TRUE(write_file_atomically(path, bytes));
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    auto found = mp4_orientations(fd, 0, bytes.size());
    close(fd);
    return found;
}

} // namespace

TEST(DisplayMatrix, OfEachVideoTrackIsReadInOrder)
{
    const std::string film =
        box("ftyp", "isom") + box("mdat", std::string(100, 'x')) +
        box("moov", box("mvhd", std::string(100, '\0')) + track("vide", 0, -1, -1, 0) +
                        track("soun", -1, 0, 0, 1) + track("vide", 1, 0, 0, 1) + track("vide", 0, 1, -1, 0));
    EXPECT_EQ(orientations(film), (std::vector<std::string>{"flip-rotate-90", "", "rotate-90"}));
}

TEST(DisplayMatrix, OfDamagedFilesIsNothingOrWhatCameBefore)
{
    EXPECT_TRUE(orientations("").empty());
    EXPECT_TRUE(orientations(u32(7) + "moov").empty()) << "smaller than its head";
    EXPECT_TRUE(orientations(u32(0xffffffff) + "moov").empty()) << "larger than the file";
    EXPECT_TRUE(orientations(box("moov", u32(1) + "trak" + u32(0))).empty()) << "half a 64-bit size";
    EXPECT_EQ(
        orientations(box("moov", box("trak", box("tkhd", "short") +
                                                 box("mdia", box("hdlr", std::string(8, '\0') + "vide"))))),
        std::vector<std::string>{""});
    std::string many;
    for (int i = 0; i < 10000; i++)
        many += box("free", "");
    EXPECT_TRUE(orientations(many + box("moov", track("vide", -1, 0, 0, 1))).empty())
        << "more boxes than any film";
}

} // namespace butaca::origin
