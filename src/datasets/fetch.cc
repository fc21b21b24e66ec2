#include "datasets/fetch.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/descriptor.h"
#include "datasets/dataset.h"
#include "datasets/gzip_file.h"
#include "datasets/unpack.h"

namespace mote::datasets {
namespace {

namespace fs = std::filesystem;

std::string with_slash(const std::string& address) {
  return address.ends_with('/') ? address : address + "/";
}

// As the readers choose: NAME.gz before NAME.
bool is_right(const PublishedFile& file, const std::string& folder) {
  const fs::path plain = fs::path(folder) / file.name;
  const fs::path zipped = plain.string() + ".gz";
  const fs::path path = fs::exists(zipped) ? zipped : plain;
  if (file.sha256.empty()) return fs::exists(path);
  return sha256_of_contents(path, file.bytes) == file.sha256;
}

std::vector<const PublishedDownload*> missing_in(const PublishedSet& set,
                                                 const std::string& folder) {
  std::vector<const PublishedDownload*> missing;
  for (const PublishedDownload& download : set.downloads)
    for (const PublishedFile& file : download.files)
      if (!is_right(file, folder)) {
        missing.push_back(&download);
        break;
      }
  return missing;
}

void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && ::access(folder.c_str(), W_OK) != 0)
    error = std::error_code(errno, std::generic_category());
  if (error)
    throw Error(ErrorKind::usage, "cannot be written: " + error.message(), folder,
                "set MOTE_DATA_DIR to a folder that can");
}

// Downloads that stay take their bytes once, archives also what comes out of them.
void check_space(const std::vector<const PublishedDownload*>& missing, const std::string& folder) {
  int64_t needed = 0;
  for (const PublishedDownload* download : missing) {
    needed += download->bytes;
    if (download->is_archive())
      for (const PublishedFile& file : download->files) needed += file.bytes;
    std::error_code ignored;
    const auto there = fs::file_size(fs::path(folder) / (download->name + ".part"), ignored);
    if (!ignored) needed -= static_cast<int64_t>(there);
  }
  std::error_code error;
  const auto free = fs::space(folder, error).available;
  if (!error && needed > 0 && free < static_cast<uint64_t>(needed))
    throw Error(ErrorKind::usage,
                fmt::format("not enough space: {:.1f} MB are needed, {:.1f} MB are free",
                            static_cast<double>(needed) / 1e6, static_cast<double>(free) / 1e6),
                folder, "free some, or set MOTE_DATA_DIR to a folder with more");
}

// Who comes second waits, and then finds the work done.
FileLock lock_folder(const std::string& folder, const std::function<void()>& waiting) {
  const std::string path = fs::path(folder) / ".fetch.lock";
  if (std::optional<FileLock> lock = FileLock::attempt(path)) return std::move(*lock);
  waiting();
  return FileLock(path);
}

void bring(const PublishedDownload& download, const PublishedSet& set, const std::string& folder,
           const FetchOptions& options, const DownloadProgress& progress) {
  DownloadRequest request{{}, fs::path(folder) / download.name, download.bytes, download.sha256};
  if (options.mirror.empty())
    for (const std::string& address : set.addresses)
      request.urls.push_back(with_slash(address) + download.name);
  else
    request.urls = {with_slash(options.mirror) + download.name};
  // An archive under its own name is right, but was not unpacked to the end.
  if (download.is_archive() && fs::exists(request.path))
    fs::rename(request.path, request.path + ".part");
  datasets::download(request, options.patience, progress);
  if (!download.is_archive()) return;
  progress(download.bytes, "unpacking");
  unpack(request.path, set.folder, download.files, folder);
  std::error_code ignored;  // the files are there
  fs::remove(request.path, ignored);
}

}  // namespace

bool is_right(const PublishedSet& set, const std::string& folder) {
  return missing_in(set, folder).empty();
}

Fetched fetch(const PublishedSet& set, const std::string& root, const FetchOptions& options,
              const FetchCallback& progress) {
  Fetched result{fs::path(root) / set.folder, {}, 0};
  FetchProgress state;
  const auto report = [&](const std::string& note) {
    state.note = note;
    if (progress) progress(state);
  };
  make_folder(result.folder);
  const FileLock lock =
      lock_folder(result.folder, [&] { report("waiting for another fetch of the same set"); });
  report("checking what is there");
  const std::vector<const PublishedDownload*> missing = missing_in(set, result.folder);
  check_space(missing, result.folder);
  for (const PublishedDownload* download : missing) state.total_bytes += download->bytes;
  for (const PublishedDownload* download : missing) {
    state.file = download->name;
    bring(*download, set, result.folder, options, [&](int64_t bytes, const std::string& note) {
      state.done_bytes = result.bytes + bytes;
      report(note);
    });
    result.files.push_back(download->name);
    result.bytes += download->bytes;
  }
  return result;
}

Fetched fetch(const std::string& name, const FetchOptions& options, const FetchCallback& progress) {
  std::vector<std::string> known;
  for (const Info& info : list()) {
    known.push_back(info.name);
    if (info.name != name) continue;
    const PublishedSet* set = find_published(name);
    if (!set || (!info.found.empty() && is_right(*set, info.found))) return {info.found, {}, 0};
    return fetch(*set, data_root(), options, progress);
  }
  throw Error(ErrorKind::usage, fmt::format("there is no data set '{}'", name), "",
              fmt::format("known: {}", fmt::join(known, ", ")));
}

}  // namespace mote::datasets
