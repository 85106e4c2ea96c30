// SPDX-License-Identifier: Apache-2.0
#include "tools/output/output_directory.h"

#include <unistd.h>

#include <fstream>
#include <system_error>

#include "models/config/diagnostics.h"

namespace lutsim::tools {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const fs::path& path, const std::string& reason) {
  throw config::InputError(path.string(), "cannot be written: " + reason,
                           "choose another place with --out");
}

fs::path temporary_of(const fs::path& file) {
  return file.string() + ".tmp" + std::to_string(::getpid());
}

void write_temporary(const fs::path& file, const std::string& contents) {
  const fs::path temporary = temporary_of(file);
  std::ofstream out(temporary, std::ios::binary);
  out << contents;
  out.close();
  if (!out) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    refuse(file, "the disk is full or the folder is read-only");
  }
}

}  // namespace

OutputDirectory::OutputDirectory(fs::path directory) : directory_(std::move(directory)) {
  // The nearest folder that exists must take new entries; the directory itself is made by commit().
  fs::path existing = fs::absolute(directory_);
  while (!existing.empty() && !fs::exists(existing) && existing != existing.parent_path()) {
    existing = existing.parent_path();
  }
  if (!fs::is_directory(existing)) refuse(directory_, existing.string() + " is not a folder");
  if (::access(existing.c_str(), W_OK | X_OK) != 0) {
    refuse(directory_, "no permission to write in " + existing.string());
  }
}

void OutputDirectory::add(const std::string& file_name, std::string contents) {
  files_.emplace_back(file_name, std::move(contents));
}

void OutputDirectory::commit() {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error) refuse(directory_, error.message());
  for (const auto& [name, contents] : files_) write_temporary(directory_ / name, contents);
  for (const auto& file : files_) {
    fs::rename(temporary_of(directory_ / file.first), directory_ / file.first, error);
    if (error) refuse(directory_ / file.first, error.message());
  }
}

void write_file(const fs::path& file, const std::string& contents) {
  const fs::path parent = file.has_parent_path() ? file.parent_path() : fs::path(".");
  OutputDirectory check(parent);
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) refuse(file, error.message());
  write_temporary(file, contents);
  fs::rename(temporary_of(file), file, error);
  if (error) refuse(file, error.message());
}

}  // namespace lutsim::tools
