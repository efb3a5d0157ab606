// SPDX-License-Identifier: LGPL-2.1-or-later
// One event, one line, one write(2): lines of several threads and processes never mix.
#include "src/base/log.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <ctime>

#include <glib.h>
#include <unistd.h>

namespace butaca::log {

namespace {

// Interned, so that it stays valid for threads that log late.
std::atomic<const char *> process_name{nullptr};
std::atomic<Level> least_level{Level::info};
// What G_DEBUG made fatal. A writer of our own must honour it itself for structured messages.
std::atomic<unsigned> fatal_levels{G_LOG_LEVEL_ERROR};

const char *to_string(Level level)
{
    switch (level) {
    case Level::debug:
        return "debug";
    case Level::info:
        return "info";
    case Level::warn:
        return "warn";
    case Level::error:
        return "error";
    }
    return "error";
}

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

// How many bytes the UTF-8 character at `at` has; 0 when it is none, or one of the C1 controls and line
// separators (U+0080..U+009F, U+2028, U+2029) that some viewers break lines at.
std::size_t printable_length(std::string_view text, std::size_t at)
{
    gunichar c = g_utf8_get_char_validated(text.data() + at, static_cast<gssize>(text.size() - at));
    if (c == static_cast<gunichar>(-1) || c == static_cast<gunichar>(-2) || c == 0x2028 || c == 0x2029 ||
        (c >= 0x80 && c < 0xa0))
        return 0;
    return static_cast<std::size_t>(g_unichar_to_utf8(c, nullptr));
}

void append_escaped(std::string &line, unsigned char c)
{
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
    case '\n':
        line += "\\n";
        return;
    case '\r':
        line += "\\r";
        return;
    case '\t':
        line += "\\t";
        return;
    case '"':
    case '\\':
        line += '\\';
        line += static_cast<char>(c);
        return;
    default:
        line += "\\x";
        line += digits[c >> 4];
        line += digits[c & 15];
    }
}

void append_text(std::string &line, std::string_view text)
{
    bool plain = !text.empty();
    for (char c : text)
        plain = plain && c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
    if (plain) {
        line += text;
        return;
    }
    line += '"';
    for (std::size_t i = 0; i < text.size();) {
        auto c = static_cast<unsigned char>(text[i]);
        std::size_t length = c < 0x80 ? 1 : printable_length(text, i);
        if (length == 0 || is_control(c) || c == '"' || c == '\\') {
            append_escaped(line, c);
            ++i;
            continue;
        }
        line += text.substr(i, length);
        i += length;
    }
    line += '"';
}

// Names are our own literals, but GLib's domains pass here as well: anything else than a plain name would
// break the line's form.
void append_name(std::string &line, std::string_view name)
{
    for (char c : name)
        line += g_ascii_isalnum(c) || c == '_' || c == '.' || c == '-' ? c : '_';
}

void append_value(std::string &line,
                  const std::variant<std::string, std::int64_t, std::uint64_t, double, bool> &value)
{
    if (const auto *text = std::get_if<std::string>(&value)) {
        append_text(line, *text);
        return;
    }
    if (const auto *flag = std::get_if<bool>(&value)) {
        line += *flag ? "true" : "false";
        return;
    }
    std::array<char, 32> digits{};
    char *end = digits.data();
    if (const auto *number = std::get_if<std::int64_t>(&value))
        end = std::to_chars(digits.data(), digits.data() + digits.size(), *number).ptr;
    else if (const auto *natural = std::get_if<std::uint64_t>(&value))
        end = std::to_chars(digits.data(), digits.data() + digits.size(), *natural).ptr;
    else if (const auto *real = std::get_if<double>(&value))
        end = std::to_chars(digits.data(), digits.data() + digits.size(), *real).ptr;
    line.append(digits.data(), end);
}

void append_time(std::string &line)
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    tm parts{};
    gmtime_r(&now.tv_sec, &parts);
    std::array<char, 48> text{};
    std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    line.append(text.data(), length);
    g_snprintf(text.data(), text.size(), ".%03ldZ", now.tv_nsec / 1000000);
    line += text.data();
}

void write_line(const std::string &line)
{
    std::size_t written = 0;
    while (written < line.size()) {
        ssize_t n = ::write(STDERR_FILENO, line.data() + written, line.size() - written);
        if (n < 0 && errno == EINTR)
            continue;
        // A log that cannot be written must not stop the service.
        if (n <= 0)
            return;
        written += static_cast<std::size_t>(n);
    }
}

Level level_of(GLogLevelFlags flags)
{
    if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
        return Level::error;
    if (flags & G_LOG_LEVEL_WARNING)
        return Level::warn;
    if (flags & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO))
        return Level::info;
    return Level::debug;
}

std::string_view content(const GLogField &field)
{
    const char *text = static_cast<const char *>(field.value);
    if (!text)
        return {};
    return field.length < 0 ? std::string_view(text)
                            : std::string_view(text, static_cast<std::size_t>(field.length));
}

GLogWriterOutput write_glib(GLogLevelFlags flags, const GLogField *fields, gsize count, gpointer)
{
    std::string_view domain;
    std::string_view message;
    bool old_api = false;
    for (gsize i = 0; i < count; ++i) {
        std::string_view name = fields[i].key;
        if (name == "GLIB_DOMAIN")
            domain = content(fields[i]);
        else if (name == "MESSAGE")
            message = content(fields[i]);
        else if (name == "GLIB_OLD_LOG_API")
            old_api = true;
    }
    write(level_of(flags), "glib.message", {{"domain", domain}, {"message", message}});
    // g_log() aborts on its own; g_log_structured() leaves that to the writer.
    if ((flags & G_LOG_FLAG_FATAL) || (!old_api && (flags & fatal_levels.load())))
        std::abort();
    return G_LOG_WRITER_HANDLED;
}

} // namespace

void init(std::string_view process, Level least)
{
    process_name = g_intern_string(std::string(process).c_str());
    least_level = least;
    // The only way to read the mask is to replace it.
    GLogLevelFlags mask = g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
    g_log_set_always_fatal(mask);
    fatal_levels = mask;
    // A second call of g_log_set_writer_func() is an error in GLib.
    static const bool taken_over = [] {
        g_log_set_writer_func(write_glib, nullptr, nullptr);
        return true;
    }();
    static_cast<void>(taken_over);
}

Level level_from(std::string_view name)
{
    for (Level level : {Level::debug, Level::warn, Level::error})
        if (name == to_string(level))
            return level;
    return Level::info;
}

void write(Level level, std::string_view event, Fields fields)
{
    if (level < least_level.load(std::memory_order_relaxed))
        return;
    std::string line = "time=";
    append_time(line);
    line += " level=";
    line += to_string(level);
    if (const char *name = process_name.load()) {
        line += " process=";
        append_text(line, name);
    }
    line += " event=";
    append_text(line, event);
    for (const Field &field : fields) {
        line += ' ';
        append_name(line, field.name);
        line += '=';
        append_value(line, field.value);
    }
    line += '\n';
    write_line(line);
}

} // namespace butaca::log
