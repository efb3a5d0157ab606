// SPDX-License-Identifier: LGPL-2.1-or-later
// Reading back, running and probing, for the muxer's tests.
#include "tests/plugins/mux_support.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>

namespace butaca::test {
namespace {

std::uint64_t number(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t width)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; i++)
        value = value << 8 | (at + i < bytes.size() ? bytes[at + i] : 0);
    return value;
}

std::uint32_t u32(std::span<const std::uint8_t> bytes, std::size_t at)
{
    return static_cast<std::uint32_t>(number(bytes, at, 4));
}

struct Box {
    std::string type;
    std::span<const std::uint8_t> content;
};

std::vector<Box> children(std::span<const std::uint8_t> bytes)
{
    std::vector<Box> boxes;
    while (bytes.size() >= 8) {
        const std::size_t size = u32(bytes, 0);
        if (size < 8 || size > bytes.size()) {
            ADD_FAILURE() << "a box of " << size << " bytes in " << bytes.size();
            break;
        }
        boxes.push_back({std::string(bytes.begin() + 4, bytes.begin() + 8), bytes.subspan(8, size - 8)});
        bytes = bytes.subspan(size);
    }
    return boxes;
}

void read_trun(std::span<const std::uint8_t> tfhd, std::span<const std::uint8_t> trun, ReadFragment &fragment,
               std::uint32_t flags)
{
    const std::uint32_t has = u32(tfhd, 0) & 0xffffff;
    std::size_t at = 8;
    const auto next = [&at](std::span<const std::uint8_t> from) {
        at += 4;
        return u32(from, at - 4);
    };
    const std::uint32_t duration = has & 0x8 ? next(tfhd) : 0;
    const std::uint32_t size = has & 0x10 ? next(tfhd) : 0;
    flags = has & 0x20 ? next(tfhd) : flags;

    const std::uint32_t tells = u32(trun, 0) & 0xffffff;
    EXPECT_EQ(trun[0], 1) << "trun version";
    at = 12;
    const std::optional<std::uint32_t> first_flags = tells & 0x4 ? std::optional(next(trun)) : std::nullopt;
    std::uint64_t decode = fragment.tfdt;
    for (std::uint32_t i = 0; i < u32(trun, 4); i++) {
        ReadSample sample{decode, duration, size, 0, i == 0 ? first_flags.value_or(flags) : flags};
        if (tells & 0x100)
            sample.duration = next(trun);
        if (tells & 0x200)
            sample.size_bytes = next(trun);
        if (tells & 0x400)
            sample.flags = next(trun);
        if (tells & 0x800)
            sample.offset = static_cast<std::int32_t>(next(trun));
        decode += sample.duration;
        fragment.samples.push_back(sample);
    }
    EXPECT_EQ(at, trun.size()) << "trun holds more than its flags say";
}

void push_all(GstElement *pipeline, const std::vector<Owned<GstBuffer>> &input)
{
    const auto source = adopt(gst_bin_get_by_name(GST_BIN(pipeline), "in"));
    if (!source)
        return;
    for (const auto &buffer : input)
        gst_app_src_push_buffer(GST_APP_SRC(source.get()), gst_buffer_ref(buffer.get()));
    gst_app_src_end_of_stream(GST_APP_SRC(source.get()));
}

const std::string &private_folder()
{
    static const struct Folder {
        Folder() : path(adopt(g_dir_make_tmp("segmentmux-XXXXXX", nullptr)).get()) {}
        ~Folder()
        {
            std::error_code ignored;
            std::filesystem::remove_all(path, ignored);
        }
        std::string path;
    } folder;
    return folder.path;
}

} // namespace

std::string top_boxes(std::span<const std::uint8_t> bytes)
{
    std::string types;
    for (const Box &box : children(bytes))
        types += (types.empty() ? "" : " ") + box.type;
    return types;
}

Bytes find_box(std::span<const std::uint8_t> bytes, std::string_view path)
{
    const std::size_t slash = path.find('/');
    for (const Box &box : children(bytes)) {
        if (box.type != path.substr(0, slash))
            continue;
        if (slash == std::string_view::npos)
            return Bytes(box.content.begin(), box.content.end());
        return find_box(box.content, path.substr(slash + 1));
    }
    return {};
}

std::vector<ReadFragment> fragments(std::span<const std::uint8_t> bytes, std::uint32_t trex_flags)
{
    std::vector<ReadFragment> found;
    for (const Box &box : children(bytes)) {
        if (box.type != "moof")
            continue;
        ReadFragment fragment;
        fragment.sequence_number = u32(find_box(box.content, "mfhd"), 4);
        const Bytes traf = find_box(box.content, "traf");
        const Bytes tfdt = find_box(traf, "tfdt");
        EXPECT_EQ(tfdt.at(0), 1) << "tfdt version";
        fragment.tfdt = number(tfdt, 4, 8);
        read_trun(find_box(traf, "tfhd"), find_box(traf, "trun"), fragment, trex_flags);
        found.push_back(std::move(fragment));
    }
    return found;
}

Bytes Outcome::all() const
{
    Bytes bytes;
    for (const auto &buffer : buffers) {
        const MappedBuffer map(buffer.get());
        bytes.insert(bytes.end(), map.bytes().begin(), map.bytes().end());
    }
    return bytes;
}

Outcome run(const std::string &line, const std::vector<Owned<GstBuffer>> &input,
            const std::vector<std::int64_t> &sample_times)
{
    Outcome outcome;
    Owned<GError> error;
    const auto pipeline = sink(gst_parse_launch(line.c_str(), Out(error)));
    if (error || !pipeline) {
        ADD_FAILURE() << line << ": " << (error ? error->message : "no pipeline");
        return outcome;
    }
    const auto out = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    g_object_set(out.get(), "wait-on-eos", FALSE, nullptr); // or the end waits for us, and we for it
    if (!sample_times.empty()) {
        const auto muxer = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "mux"));
        g_object_set(muxer.get(), "sample-times", packed(sample_times).get(), nullptr);
    }
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    push_all(pipeline.get(), input);
    const auto bus = adopt(gst_element_get_bus(pipeline.get()));
    const auto message = adopt(gst_bus_timed_pop_filtered(
        bus.get(), GST_CLOCK_TIME_NONE, static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS)));
    if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) {
        gst_message_parse_error(message.get(), Out(error), nullptr);
        outcome.error = error->message;
    }
    while (auto sample = adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(out.get()), 0)))
        outcome.buffers.push_back(adopt(gst_buffer_ref(gst_sample_get_buffer(sample.get()))));
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return outcome;
}

Owned<GBytes> packed(const std::vector<std::int64_t> &times)
{
    Bytes bytes;
    for (const std::int64_t time : times)
        for (unsigned shift = 0; shift < 64; shift += 8)
            bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(time) >> shift & 0xff));
    return adopt(g_bytes_new(bytes.data(), bytes.size()));
}

Bytes bytes_of(GstBuffer *buffer)
{
    const MappedBuffer map(buffer);
    return {map.bytes().begin(), map.bytes().end()};
}

std::optional<std::string> film(const std::string &name)
{
    const char *folder = std::getenv("BUTACA_MEDIA");
    const std::string path = std::string(folder ? folder : "") + "/" + name;
    return g_file_test(path.c_str(), G_FILE_TEST_IS_REGULAR) ? std::optional(path) : std::nullopt;
}

std::string temporary_file(const std::string &name, std::span<const std::uint8_t> bytes)
{
    const std::string path = private_folder() + "/" + name;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
}

std::optional<std::vector<std::string>> ffprobe(const std::string &path, const std::string &entries)
{
    const auto program = adopt(g_find_program_in_path("ffprobe"));
    if (!program)
        return std::nullopt;
    const char *arguments[] = {program.get(), "-v",      "error",      "-show_entries", entries.c_str(),
                               "-of",         "csv=p=0", path.c_str(), nullptr};
    Owned<char> output;
    Owned<char> complaints;
    int status = 1;
    g_spawn_sync(nullptr, const_cast<char **>(arguments), nullptr, G_SPAWN_DEFAULT, nullptr, nullptr,
                 Out(output), Out(complaints), &status, nullptr);
    EXPECT_EQ(status, 0);
    EXPECT_STREQ(complaints ? complaints.get() : "", "");
    std::vector<std::string> lines;
    std::istringstream text(output ? output.get() : "");
    for (std::string line; std::getline(text, line);) {
        while (!line.empty() && line.back() == ',')
            line.pop_back();
        if (!line.empty())
            lines.push_back(line);
    }
    return lines;
}

} // namespace butaca::test
