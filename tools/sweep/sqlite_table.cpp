// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/sqlite_table.h"

#include <sqlite3.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>

#include "tools/support/csv.h"
#include "tools/sweep/summary.h"

namespace lutsim::tools::sweep {

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

class Database {
 public:
  explicit Database(const fs::path& file) {
    sqlite3* opened = nullptr;
    const int status = ::sqlite3_open(file.c_str(), &opened);
    database_.reset(opened);
    check(status);
  }
  void execute(const std::string& sql) {
    check(::sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr));
  }
  /// One row into `table`; a cell is null, a number or a text.
  void insert(const std::string& table, const std::vector<json>& cells) {
    if (table != prepared_for_) {
      std::string sql = "INSERT INTO " + table + " VALUES (?";
      for (std::size_t i = 1; i < cells.size(); ++i) sql += ",?";
      sqlite3_stmt* statement = nullptr;
      check(::sqlite3_prepare_v2(database_.get(), (sql + ")").c_str(), -1, &statement, nullptr));
      statement_.reset(statement);
      prepared_for_ = table;
    }
    for (std::size_t i = 0; i < cells.size(); ++i) bind(static_cast<int>(i + 1), cells[i]);
    if (::sqlite3_step(statement_.get()) != SQLITE_DONE) check(SQLITE_ERROR);
    ::sqlite3_reset(statement_.get());
  }
  void end() { statement_.reset(); }

 private:
  void bind(int at, const json& cell) {
    sqlite3_stmt* s = statement_.get();
    if (cell.is_null()) {
      check(::sqlite3_bind_null(s, at));
    } else if (cell.is_boolean()) {
      check(::sqlite3_bind_int(s, at, cell.get<bool>() ? 1 : 0));
    } else if (cell.is_number_integer()) {
      check(::sqlite3_bind_int64(s, at, cell.get<std::int64_t>()));
    } else if (cell.is_number()) {
      check(::sqlite3_bind_double(s, at, cell.get<double>()));
    } else {
      const std::string text = cell;
      check(::sqlite3_bind_text(s, at, text.c_str(), -1, SQLITE_TRANSIENT));
    }
  }
  void check(int status) {
    if (status != SQLITE_OK)
      throw std::runtime_error(std::string("results.sqlite: ") + ::sqlite3_errmsg(database_.get()));
  }

  struct Close {
    void operator()(sqlite3* d) const { ::sqlite3_close(d); }
    void operator()(sqlite3_stmt* s) const { ::sqlite3_finalize(s); }
  };
  std::unique_ptr<sqlite3, Close> database_;
  std::unique_ptr<sqlite3_stmt, Close> statement_;
  std::string prepared_for_;
};

/// A cell of the CSV as the number or flag that it is.
json typed(const std::string& cell) {
  if (cell.empty()) return {};
  if (cell == "true" || cell == "false") return cell == "true";
  const json number = json::parse(cell, nullptr, false);
  return number.is_number() ? number : json(cell);
}

void fill(Database& database, const SweepSpace& space, const std::vector<const json*>& rows,
          const json& summary) {
  const auto table = read_csv(table_csv(space, rows, summary));
  std::string columns;
  for (const std::string& name : table.front())
    columns += (columns.empty() ? "\"" : ",\"") + name + "\"";
  database.execute("BEGIN; CREATE TABLE points (" + columns +
                   "); CREATE TABLE constants (name,value,unit,low,high,confidence,source); "
                   "CREATE TABLE amounts (key,constant,amount)");
  for (std::size_t r = 1; r < table.size(); ++r) {
    std::vector<json> cells{table[r][0]};
    for (std::size_t i = 1; i < table[r].size(); ++i) cells.push_back(typed(table[r][i]));
    database.insert("points", cells);
  }
  for (const json& c : summary.at("constants"))
    database.insert("constants", {c.at("name"), c.at("value"), c.at("unit"), c.at("low"),
                                  c.at("high"), c.at("confidence"), c.at("source")});
  for (const json* row : rows) {
    if (!row->contains("amounts")) continue;
    for (const auto& amount : row->at("amounts").items())
      database.insert("amounts", {row->at("key"), amount.key(), amount.value()});
  }
  database.end();
  database.execute("COMMIT; CREATE INDEX by_key ON points (key)");
}

}  // namespace

void write_sqlite(const fs::path& file, const SweepSpace& space,
                  const std::vector<const json*>& rows, const json& summary) {
  const fs::path part = file.string() + ".tmp" + std::to_string(::getpid());
  fs::remove(part);
  {
    Database database(part);
    fill(database, space, rows, summary);
  }
  fs::rename(part, file);
}

}  // namespace lutsim::tools::sweep
