// SPDX-License-Identifier: LGPL-2.1-or-later
// The log: one line per event, a dotted event name and fields (logfmt), on standard error. GLib's and
// GStreamer's own messages come out in the same form once log::init() ran. Thread-safe.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace butaca::log {

enum class Level { debug, info, warn, error };

// One `name=value` of a line. Values are quoted and escaped as needed; never pass tokens or passwords.
struct Field {
    std::string_view name;
    std::variant<std::string, std::int64_t, std::uint64_t, double, bool> value;

    Field(std::string_view field_name, std::string_view text) : name(field_name), value(std::string(text)) {}
    Field(std::string_view field_name, const std::string &text) : name(field_name), value(text) {}
    Field(std::string_view field_name, const char *text)
        : name(field_name), value(std::string(text ? text : ""))
    {
    }
    Field(std::string_view field_name, bool flag) : name(field_name), value(flag) {}
    Field(std::string_view field_name, double number) : name(field_name), value(number) {}
    template <std::signed_integral T>
    Field(std::string_view field_name, T number) : name(field_name), value(static_cast<std::int64_t>(number))
    {
    }
    template <std::unsigned_integral T>
    Field(std::string_view field_name, T number) : name(field_name), value(static_cast<std::uint64_t>(number))
    {
    }
};
using Fields = std::initializer_list<Field>;

// Names this process in each line, sets the least level that is written, and takes over GLib's log handler.
void init(std::string_view process, Level least = Level::info);
// Reads "debug", "info", "warn" or "error"; anything else is `info`.
Level level_from(std::string_view name);

void write(Level level, std::string_view event, Fields fields = {});

// error = someone must act; warn = we coped; info = one line per request or change of state; debug = the
// rest.
inline void debug(std::string_view event, Fields fields = {}) { write(Level::debug, event, fields); }
inline void info(std::string_view event, Fields fields = {}) { write(Level::info, event, fields); }
inline void warn(std::string_view event, Fields fields = {}) { write(Level::warn, event, fields); }
inline void error(std::string_view event, Fields fields = {}) { write(Level::error, event, fields); }

} // namespace butaca::log
