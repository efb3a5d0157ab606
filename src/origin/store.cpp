// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/store.h"

#include <algorithm>

#include <unistd.h>

#include "src/base/encoding.h"
#include "src/base/files.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/media/cover.h"

namespace butaca::origin {

namespace {

// Raised as well when the probe reads other facts or times out of the same file: then all are read anew.
constexpr std::string_view state_head = "butaca-origin-state 6";
constexpr std::size_t state_limit_bytes = std::size_t{1} << 30;
constexpr std::size_t record_limit_bytes = 16U << 20;
constexpr std::size_t index_limit_bytes = std::size_t{1} << 30;
constexpr std::size_t cues_limit_bytes = 64U << 20;

// Takes the next word off `line`.
std::string_view word(std::string_view &line)
{
    auto blank = line.find(' ');
    std::string_view result = line.substr(0, blank);
    line.remove_prefix(blank == std::string_view::npos ? line.size() : blank + 1);
    return result;
}

bool read_file_line(std::string_view line, State &state)
{
    std::string_view digest = word(line);
    auto size_bytes = to_integer<std::uint64_t>(word(line));
    auto mtime_ns = to_integer<std::int64_t>(word(line));
    auto inode = to_integer<std::uint64_t>(word(line));
    auto device = to_integer<std::uint64_t>(word(line));
    auto path = from_hex(line);
    if (!size_bytes || !mtime_ns || !inode || !device || !path || (digest != "-" && !is_digest(digest)))
        return false;
    KnownFile &file = state.files[*path];
    file.stamp = {*size_bytes, *mtime_ns, *inode, *device};
    file.digest = digest == "-" ? "" : std::string(digest);
    return true;
}

} // namespace

bool is_digest(std::string_view text)
{
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char letter) {
               return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
           });
}

std::string state_to_text(const State &state)
{
    std::string text(state_head);
    text += ' ' + std::to_string(state.revision) + ' ' + std::to_string(state.files.size()) + '\n';
    for (const auto &[path, file] : state.files) {
        text += file.digest.empty() ? "-" : file.digest;
        text += ' ' + std::to_string(file.stamp.size_bytes) + ' ' + std::to_string(file.stamp.mtime_ns) +
                ' ' + std::to_string(file.stamp.inode) + ' ' + std::to_string(file.stamp.device) + ' ';
        // Paths may hold any byte but NUL, line ends included.
        text += to_hex({reinterpret_cast<const std::uint8_t *>(path.data()), path.size()}) + '\n';
    }
    return text;
}

Result<State> state_from_text(std::string_view text)
{
    auto broken = [] { return fail(ErrorCode::invalid_argument, "the state file is damaged"); };
    if (!text.starts_with(state_head))
        return broken();
    text.remove_prefix(std::min(text.size(), state_head.size() + 1));
    State state;
    auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    auto revision = to_integer<std::uint64_t>(word(line));
    auto count = to_integer<std::uint64_t>(word(line));
    if (!revision || !count || end == std::string_view::npos)
        return broken();
    state.revision = *revision;
    text.remove_prefix(end + 1);
    while ((end = text.find('\n')) != std::string_view::npos) {
        if (!read_file_line(text.substr(0, end), state))
            return broken();
        text.remove_prefix(end + 1);
    }
    if (!text.empty() || state.files.size() != *count)
        return broken();
    return state;
}

Status Store::prepare() const { return make_directories(folder_ + "/assets"); }

State Store::load_state() const
{
    Result<std::string> text = read_file(folder_ + "/state", state_limit_bytes);
    if (!text) {
        if (text.error().code != ErrorCode::not_found)
            log::warn("origin.state.unreadable", {{"detail", text.error().detail}});
        return {};
    }
    Result<State> state = state_from_text(*text);
    if (!state) {
        log::warn("origin.state.damaged", {{"effect", "all files are read anew"}});
        return {};
    }
    return std::move(*state);
}

Status Store::save_state(const State &state) const
{
    return write_file_atomically(folder_ + "/state", state_to_text(state), 0600);
}

std::string Store::path_of(const std::string &digest, std::string_view suffix) const
{
    return folder_ + "/assets/" + digest + std::string(suffix);
}

Status Store::save_asset(const media::Asset &asset, std::string_view index) const
{
    // The index first: a record always finds its index.
    Status saved = write_file_atomically(path_of(asset.digest, ".index"), index);
    if (!saved)
        return saved;
    json::Writer writer;
    media::write_json(writer, asset);
    return write_file_atomically(path_of(asset.digest, ".json"), writer.take());
}

Result<media::Asset> Store::load_asset(const std::string &digest) const
{
    Result<std::string> text = read_file(path_of(digest, ".json"), record_limit_bytes);
    if (!text)
        return fail(std::move(text.error()));
    Result<json::Value> value = json::Value::parse(*text, {record_limit_bytes, 32});
    if (!value)
        return fail(std::move(value.error()));
    Result<media::Asset> asset = media::asset_from_json(*value);
    if (asset && asset->digest != digest)
        return fail(ErrorCode::invalid_argument, "the record is of another asset");
    return asset;
}

Result<std::string> Store::load_index(const std::string &digest) const
{
    return read_file(path_of(digest, ".index"), index_limit_bytes);
}

Status Store::save_cues(std::string_view cues) const
{
    return write_file_atomically(path_of(sha256_hex(cues), ".cues"), cues);
}

Result<std::string> Store::load_cues(const std::string &digest) const
{
    return read_file(path_of(digest, ".cues"), cues_limit_bytes);
}

Status Store::save_cover(std::string_view cover) const
{
    return write_file_atomically(path_of(sha256_hex(cover), ".cover"), cover);
}

Result<std::string> Store::load_cover(const std::string &digest) const
{
    return read_file(path_of(digest, ".cover"), media::cover_bytes_most);
}

Status Store::save_loudness(const std::string &digest, std::string_view text) const
{
    return write_file_atomically(path_of(digest, ".loudness"), text);
}

Result<std::string> Store::load_loudness(const std::string &digest) const
{
    constexpr std::size_t most_bytes = 64UL * 1024;
    return read_file(path_of(digest, ".loudness"), most_bytes);
}

void Store::remove_asset(const std::string &digest) const
{
    unlink(path_of(digest, ".json").c_str());
    unlink(path_of(digest, ".index").c_str());
    unlink(path_of(digest, ".loudness").c_str());
}

} // namespace butaca::origin
