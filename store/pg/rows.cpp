// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/pg/rows.h"

#include <cstdlib>

#include <libpq-fe.h>

#include "src/base/encoding.h"
#include "src/base/log.h"

namespace butaca::pg {

namespace {

[[noreturn]] void abort_because(const char *what, int column)
{
    log::error("store.bug", {{"what", what}, {"column", column}});
    std::abort();
}

} // namespace

std::string text_array(std::span<const std::string> elements)
{
    std::string out = "{";
    for (const std::string &element : elements) {
        if (out.size() > 1)
            out += ',';
        out += '"';
        for (char c : element) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += c;
        }
        out += '"';
    }
    return out += '}';
}

std::string_view Row::raw(int column) const
{
    if (column < 0 || column >= PQnfields(result_))
        abort_because("no such column", column);
    return {PQgetvalue(result_, index_, column),
            static_cast<std::size_t>(PQgetlength(result_, index_, column))};
}

bool Row::is_null(int column) const { return PQgetisnull(result_, index_, column) != 0; }

std::string Row::text(int column) const
{
    if (is_null(column))
        abort_because("null read as text", column);
    return std::string(raw(column));
}

std::int64_t Row::integer(int column) const
{
    const auto number = to_integer<std::int64_t>(raw(column));
    if (!number)
        abort_because("no integer", column);
    return *number;
}

bool Row::boolean(int column) const
{
    const std::string_view value = raw(column);
    if (value != "t" && value != "f")
        abort_because("no boolean", column);
    return value == "t";
}

std::string Row::bytes(int column) const
{
    // The server's default form since 9.0 is "\x" and hex digits.
    const std::string_view value = raw(column);
    auto decoded = value.starts_with("\\x") ? from_hex(value.substr(2)) : std::nullopt;
    if (!decoded)
        abort_because("no bytea", column);
    return std::move(*decoded);
}

std::optional<std::string> Row::maybe_text(int column) const
{
    return is_null(column) ? std::nullopt : std::optional(text(column));
}

std::optional<std::int64_t> Row::maybe_integer(int column) const
{
    return is_null(column) ? std::nullopt : std::optional(integer(column));
}

void Rows::Clear::operator()(pg_result *result) const noexcept { PQclear(result); }

Rows::Rows(pg_result *full) : result_(full) {}

int Rows::size() const { return PQntuples(result_.get()); }

Row Rows::operator[](int index) const
{
    if (index < 0 || index >= size())
        abort_because("no such row", index);
    return {result_.get(), index};
}

std::int64_t Rows::affected() const
{
    return to_integer<std::int64_t>(PQcmdTuples(result_.get())).value_or(0);
}

} // namespace butaca::pg
