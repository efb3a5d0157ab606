// SPDX-License-Identifier: LGPL-2.1-or-later
// GKeyFile reads the file; everything is held as text by "section.key" and read as a type when asked for.
#include "src/base/config.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

#include <glib.h>

#include "src/base/encoding.h"
#include "src/base/files.h"
#include "src/base/gobject.h"

namespace butaca {

namespace {

constexpr std::size_t file_limit_bytes = 1 << 20;

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string joined(std::string_view section, std::string_view key)
{
    return std::string(section) + "." + std::string(key);
}

const char *from_environment(const std::string &name)
{
    std::string variable = "BUTACA_";
    for (char c : name)
        variable += g_ascii_isalnum(c) ? g_ascii_toupper(c) : '_';
    const char *value = std::getenv(variable.c_str());
    return value && *value ? value : nullptr;
}

Owned<GKeyFile> parsed(std::string_view text)
{
    auto file = adopt(g_key_file_new());
    // An empty document is fine, but GKeyFile takes a null pointer badly.
    if (text.empty())
        return file;
    if (!g_utf8_validate_len(text.data(), text.size(), nullptr) ||
        !g_key_file_load_from_data(file.get(), text.data(), text.size(), G_KEY_FILE_NONE, nullptr))
        return nullptr;
    return file;
}

// GKeyFile does not say which line it stumbled over (and quotes it, be it a password): the first line whose
// addition makes the text unreadable is the one.
std::size_t first_bad_line(std::string_view text)
{
    std::vector<std::size_t> ends;
    for (std::size_t at = 0; at < text.size(); at = ends.back())
        ends.push_back(std::min(text.find('\n', at), text.size() - 1) + 1);
    auto bad = std::partition_point(
        ends.begin(), ends.end(), [text](std::size_t end) { return parsed(text.substr(0, end)) != nullptr; });
    return static_cast<std::size_t>(bad - ends.begin()) + 1;
}

tl::unexpected<Error> bad_value(std::string_view section, std::string_view key, const std::string &expected)
{
    return fail(ErrorCode::invalid_argument, "the setting " + joined(section, key) + " must be " + expected);
}

struct Unit {
    std::string_view name;
    unsigned shift;
};
constexpr std::array<Unit, 4> units{{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}};

std::optional<std::uint64_t> size_from(std::string_view text)
{
    unsigned shift = 0;
    for (const Unit &unit : units) {
        if (text.ends_with(unit.name)) {
            shift = unit.shift;
            text = trimmed(text.substr(0, text.size() - unit.name.size()));
            break;
        }
    }
    auto number = to_integer<std::uint64_t>(text);
    if (!number || *number > std::numeric_limits<std::uint64_t>::max() >> shift)
        return std::nullopt;
    return *number << shift;
}

} // namespace

Result<Config> Config::load(const std::string &path)
{
    Config config;
    auto text = read_file(path, file_limit_bytes);
    if (!text && text.error().code == ErrorCode::not_found)
        return config;
    if (!text)
        return fail(std::move(text.error()).at("reading the configuration"));
    auto file = parsed(*text);
    if (!file)
        return fail(ErrorCode::invalid_argument, path + ":" + std::to_string(first_bad_line(*text)) +
                                                     ": neither a [section], a key=value nor a # comment");
    std::unique_ptr<char *, decltype(&g_strfreev)> groups(g_key_file_get_groups(file.get(), nullptr),
                                                          g_strfreev);
    for (char **group = groups.get(); *group; ++group) {
        std::unique_ptr<char *, decltype(&g_strfreev)> keys(
            g_key_file_get_keys(file.get(), *group, nullptr, nullptr), g_strfreev);
        for (char **key = keys.get(); key && *key; ++key) {
            auto value = adopt(g_key_file_get_value(file.get(), *group, *key, nullptr));
            config.file_[joined(*group, *key)] = trimmed(value ? value.get() : "");
        }
    }
    return config;
}

Status Config::set(std::string_view assignment)
{
    std::size_t equals = assignment.find('=');
    std::string_view name = trimmed(assignment.substr(0, equals));
    std::size_t dot = name.find('.');
    if (equals == std::string_view::npos || dot == std::string_view::npos || dot == 0 ||
        dot + 1 == name.size())
        return fail(ErrorCode::invalid_argument, "a setting has the form section.key=value");
    set_[std::string(name)] = trimmed(assignment.substr(equals + 1));
    return {};
}

std::optional<std::string> Config::text(std::string_view section, std::string_view key) const
{
    std::string name = joined(section, key);
    asked_.insert(name);
    if (auto found = set_.find(name); found != set_.end())
        return found->second;
    if (const char *value = from_environment(name))
        return std::string(trimmed(value));
    if (auto found = file_.find(name); found != file_.end())
        return found->second;
    return std::nullopt;
}

std::string Config::text_or(std::string_view section, std::string_view key, std::string_view fallback) const
{
    return text(section, key).value_or(std::string(fallback));
}

Result<std::int64_t> Config::integer(std::string_view section, std::string_view key, std::int64_t fallback,
                                     std::int64_t least, std::int64_t most) const
{
    auto written = text(section, key);
    if (!written)
        return fallback;
    auto number = to_integer<std::int64_t>(*written);
    if (!number || *number < least || *number > most)
        return bad_value(section, key,
                         "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return *number;
}

Result<std::uint64_t> Config::size_bytes(std::string_view section, std::string_view key,
                                         std::uint64_t fallback) const
{
    auto written = text(section, key);
    if (!written)
        return fallback;
    auto size = size_from(*written);
    if (!size)
        return bad_value(section, key, "a number of bytes, or of KiB, MiB, GiB or TiB");
    return *size;
}

Result<bool> Config::boolean(std::string_view section, std::string_view key, bool fallback) const
{
    auto written = text(section, key);
    if (!written)
        return fallback;
    for (std::string_view word : {"true", "yes", "on", "1"})
        if (*written == word)
            return true;
    for (std::string_view word : {"false", "no", "off", "0"})
        if (*written == word)
            return false;
    return bad_value(section, key, "true or false");
}

std::vector<std::string> Config::list(std::string_view section, std::string_view key) const
{
    std::vector<std::string> entries;
    std::string written = text_or(section, key, "");
    std::string_view rest = written;
    while (!rest.empty()) {
        std::size_t end = std::min(rest.find(';'), rest.size());
        if (std::string_view entry = trimmed(rest.substr(0, end)); !entry.empty())
            entries.emplace_back(entry);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return entries;
}

std::vector<std::string> Config::unused() const
{
    std::set<std::string> names;
    for (const auto *values : {&file_, &set_})
        for (const auto &[name, value] : *values)
            if (!asked_.contains(name))
                names.insert(name);
    return {names.begin(), names.end()};
}

} // namespace butaca
