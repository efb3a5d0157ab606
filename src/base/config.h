// SPDX-License-Identifier: LGPL-2.1-or-later
// Configuration: an INI file (GKeyFile), overridden by the environment, overridden by the command line.
// A key `quota_bytes` of section `[cache]` is BUTACA_CACHE_QUOTA_BYTES in the environment and `--set
// cache.quota_bytes=…`. Values are taken as they stand, without GKeyFile's backslash escapes and without
// blanks at their ends. An environment variable that is empty counts as not there. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace butaca {

// Loaded once at start, then read by each component's own config struct.
class Config {
public:
    // No file at all is an empty configuration. `invalid_argument` names file and line of what does not
    // parse.
    static Result<Config> load(const std::string &path);

    // What `--set` gives, "section.key=value"; wins over file and environment. `invalid_argument` when it has
    // another form.
    Status set(std::string_view assignment);

    std::optional<std::string> text(std::string_view section, std::string_view key) const;
    std::string text_or(std::string_view section, std::string_view key, std::string_view fallback) const;
    // Numbers take the suffixes KiB, MiB, GiB, TiB where they are sizes (`size_bytes`). An out-of-range or
    // malformed value is `invalid_argument` and names section and key.
    Result<std::int64_t> integer(std::string_view section, std::string_view key, std::int64_t fallback,
                                 std::int64_t least, std::int64_t most) const;
    Result<std::uint64_t> size_bytes(std::string_view section, std::string_view key,
                                     std::uint64_t fallback) const;
    // true, yes, on, 1 or false, no, off, 0; else `invalid_argument`.
    Result<bool> boolean(std::string_view section, std::string_view key, bool fallback) const;
    // A semicolon separated list, without blanks around its entries and without empty ones.
    std::vector<std::string> list(std::string_view section, std::string_view key) const;

    // Keys of the file and of set() that nobody has asked for yet, "section.key": misspellings, worth a
    // warning at start.
    std::vector<std::string> unused() const;

private:
    // All by "section.key".
    std::map<std::string, std::string, std::less<>> file_;
    std::map<std::string, std::string, std::less<>> set_;
    mutable std::set<std::string, std::less<>> asked_;
};

} // namespace butaca
