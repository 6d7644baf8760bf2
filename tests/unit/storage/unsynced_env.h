// A file system that forgets at a crash what was not synced: the judge of everything that claims to
// be durable.
//
// Data goes to real files, and the sizes up to which they were synced are kept here. Crash() is the
// moment the power fails: from then on every change fails. After the store over it is closed,
// LosePower() makes the files what a disk would hold: cut to what was synced (or to somewhere
// behind it, as a page cache may have written a part), files whose directory entry was never synced
// gone, renames that were never synced undone.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace kalamdb {

class UnsyncedFs : public rocksdb::FileSystemWrapper {
 public:
  using IOStatus = rocksdb::IOStatus;
  using IOOptions = rocksdb::IOOptions;
  using IODebugContext = rocksdb::IODebugContext;

  UnsyncedFs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "UnsyncedFs"; }

  void Crash() {
    std::lock_guard lock(mutex_);
    crashed_ = true;
  }

  // Null: everything unsynced is lost. Otherwise chance decides for each part of it.
  void LosePower(std::mt19937_64* random) {
    std::lock_guard lock(mutex_);
    const auto lost = [&] { return random == nullptr || (*random)() % 2 == 0; };
    std::error_code ignored;
    for (const auto& [path, file] : files_) {
      uint64_t kept = file->synced;
      if (file->written > kept && !lost()) kept += (*random)() % (file->written - kept + 1);
      if (kept < file->written) std::filesystem::resize_file(path, kept, ignored);
    }
    // What a journal keeps of renames is a prefix.
    while (!renames_.empty() && lost()) {
      const Rename& r = renames_.back();
      std::filesystem::rename(r.to, r.from, ignored);
      if (r.replaced) std::ofstream(r.to, std::ios::binary) << *r.replaced;
      renames_.pop_back();
    }
    for (const std::string& path : unsynced_entries_) {
      if (lost()) std::filesystem::remove(path, ignored);
    }
    files_.clear();
    renames_.clear();
    unsynced_entries_.clear();
    crashed_ = false;
  }

  // File syncs so far.
  [[nodiscard]] uint64_t syncs() const {
    std::lock_guard lock(mutex_);
    return syncs_;
  }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* dbg) override {
    std::lock_guard lock(mutex_);
    if (crashed_) return Lost();
    if (!std::filesystem::exists(path)) unsynced_entries_.insert(path);
    std::unique_ptr<rocksdb::FSWritableFile> file;
    IOStatus s = target()->NewWritableFile(path, options, &file, dbg);
    if (!s.ok()) return s;
    auto state = std::make_shared<FileState>();
    files_[path] = state;
    *result = std::make_unique<File>(std::move(file), this, std::move(state));
    return s;
  }

  IOStatus ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("reopen");
  }
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const rocksdb::FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("reuse");
  }

  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* dbg) override {
    std::unique_ptr<rocksdb::FSDirectory> directory;
    IOStatus s = target()->NewDirectory(path, options, &directory, dbg);
    if (s.ok()) *result = std::make_unique<Directory>(std::move(directory), this, path);
    return s;
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* dbg) override {
    std::lock_guard lock(mutex_);
    if (crashed_) return Lost();
    files_.erase(path);
    unsynced_entries_.erase(path);
    return target()->DeleteFile(path, options, dbg);
  }

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* dbg) override {
    std::lock_guard lock(mutex_);
    if (crashed_) return Lost();
    Rename rename{from, to, {}};
    if (std::filesystem::exists(to)) {
      std::ifstream in(to, std::ios::binary);
      rename.replaced.emplace(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    IOStatus s = target()->RenameFile(from, to, options, dbg);
    if (!s.ok()) return s;
    if (auto it = files_.find(from); it != files_.end()) {
      files_[to] = it->second;
      files_.erase(it);
    }
    unsynced_entries_.erase(from);
    renames_.push_back(std::move(rename));
    return s;
  }

 private:
  struct FileState {
    uint64_t written = 0, synced = 0;
  };
  struct Rename {
    std::string from, to;
    std::optional<std::string> replaced;  // the file that was there
  };

  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> target, UnsyncedFs* fs,
         std::shared_ptr<FileState> state)
        : FSWritableFileOwnerWrapper(std::move(target)), fs_(fs), state_(std::move(state)) {}
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                    IODebugContext* dbg) override {
      std::lock_guard lock(fs_->mutex_);
      if (fs_->crashed_) return Lost();
      IOStatus s = target()->Append(data, options, dbg);
      if (s.ok()) state_->written += data.size();
      return s;
    }
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                    const rocksdb::DataVerificationInfo&, IODebugContext* dbg) override {
      return Append(data, options, dbg);
    }
    IOStatus PositionedAppend(const rocksdb::Slice&, uint64_t, const IOOptions&,
                              IODebugContext*) override {
      return IOStatus::NotSupported("positioned append");
    }
    IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* dbg) override {
      std::lock_guard lock(fs_->mutex_);
      if (fs_->crashed_) return Lost();
      state_->written = size;
      state_->synced = std::min(state_->synced, size);
      return target()->Truncate(size, options, dbg);
    }
    IOStatus Sync(const IOOptions&, IODebugContext*) override { return MarkSynced(); }
    IOStatus Fsync(const IOOptions&, IODebugContext*) override { return MarkSynced(); }
    IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
      return IOStatus::OK();  // promises nothing
    }

   private:
    IOStatus MarkSynced() {
      std::lock_guard lock(fs_->mutex_);
      if (fs_->crashed_) return Lost();
      state_->synced = state_->written;
      ++fs_->syncs_;
      return IOStatus::OK();
    }
    UnsyncedFs* fs_;
    std::shared_ptr<FileState> state_;
  };

  class Directory : public rocksdb::FSDirectoryWrapper {
   public:
    Directory(std::unique_ptr<rocksdb::FSDirectory> target, UnsyncedFs* fs, std::string path)
        : FSDirectoryWrapper(std::move(target)), fs_(fs), path_(std::move(path)) {}
    IOStatus Fsync(const IOOptions&, IODebugContext*) override { return fs_->SyncEntries(path_); }
    IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*,
                                 const rocksdb::DirFsyncOptions&) override {
      return fs_->SyncEntries(path_);
    }

   private:
    UnsyncedFs* fs_;
    std::string path_;
  };

  static IOStatus Lost() { return IOStatus::IOError("the power is off"); }

  static std::string Parent(const std::string& path) {
    return std::filesystem::path(path).lexically_normal().parent_path().string();
  }

  IOStatus SyncEntries(const std::string& directory) {
    std::lock_guard lock(mutex_);
    if (crashed_) return Lost();
    const std::string dir = Parent(directory + "/x");
    std::erase_if(unsynced_entries_, [&](const std::string& p) { return Parent(p) == dir; });
    std::erase_if(renames_, [&](const Rename& r) { return Parent(r.to) == dir; });
    return IOStatus::OK();
  }

  mutable std::mutex mutex_;
  bool crashed_ = false;
  uint64_t syncs_ = 0;
  std::map<std::string, std::shared_ptr<FileState>> files_;
  std::set<std::string> unsynced_entries_;
  std::vector<Rename> renames_;
};

// The environment to hand to StoreOptions::env, and its file system.
struct UnsyncedEnv {
  std::shared_ptr<UnsyncedFs> fs = std::make_shared<UnsyncedFs>();
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);
};

}  // namespace kalamdb
