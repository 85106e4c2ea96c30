#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# slurm_two_nodes.sh LUTSIM: starts a Slurm of two nodes on this machine, sends a sweep through `lutsim sweep --cluster
# slurm`, and holds its results against those of one process, byte for byte.
#
# Needs root, unshare and Debian's slurm-wlm and munge. Exit status 0: it holds; 1: it does not; 77: skipped, and standard
# output says what is missing.
#
# Slurm 22.05 without systemd: both slurmd run here under their names (-N), each on a port of its own, and know no cgroups.
# All of it lives in a process namespace and a mount namespace of its own, so nothing outlives the test and no other
# munge or Slurm of the machine is touched.
set -u

lutsim=$(readlink -f "${1:?usage: slurm_two_nodes.sh LUTSIM}")

skip() {
  echo "SKIPPED: $1"
  exit 77
}

if [ -z "${LUTSIM_SLURM_INSIDE:-}" ]; then
  [ "$(id -u)" -eq 0 ] || skip "a Slurm on this machine needs root"
  for program in unshare munged slurmctld slurmd sbatch squeue sinfo; do
    command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin command -v "$program" >/dev/null ||
      skip "$program is not installed (Debian packages slurm-wlm and munge)"
  done
  unshare --pid --mount --fork true 2>/dev/null || skip "no namespaces here (unshare)"
  LUTSIM_SLURM_INSIDE=1 exec timeout -k 5 240 unshare --pid --mount --fork --mount-proc --kill-child "$0" "$lutsim"
fi

PATH=$PATH:/usr/sbin
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT

fail() {
  echo "FAILED: $1"
  tail -n 20 "$state"/log/* "$state"/out/slurm-*.out 2>/dev/null
  exit 1
}

# Folders of munge and Slurm that only this namespace sees.
for folder in /run/munge /etc/munge /var/lib/munge /var/log/munge; do
  mkdir -p "$folder"
  mount -t tmpfs none "$folder" || skip "no mounts here"
  chown munge: "$folder"
  chmod 0755 "$folder"
done
dd if=/dev/urandom of=/etc/munge/munge.key bs=1 count=1024 2>/dev/null
chown munge: /etc/munge/munge.key
chmod 0400 /etc/munge/munge.key
chmod 0700 /etc/munge
su -s /bin/sh munge -c '/usr/sbin/munged' || fail "munged does not start"

host=$(hostname -s)
mkdir -p "$state"/{ctld,one,two,log,conf}
chmod 0755 "$state"
cat >"$state/conf/slurm.conf" <<CONF
ClusterName=lutsim
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation=$state/ctld
SlurmdSpoolDir=$state/%n
SlurmctldPidFile=$state/ctld.pid
SlurmdPidFile=$state/%n.pid
SlurmctldLogFile=$state/log/ctld
SlurmdLogFile=$state/log/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
MpiDefault=none
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 Port=26818 CPUs=1 RealMemory=1000
NodeName=two NodeHostname=$host NodeAddr=127.0.0.1 Port=26819 CPUs=1 RealMemory=1000
PartitionName=all Nodes=one,two Default=YES MaxTime=INFINITE State=UP
CONF
# Without it slurmd looks for a mounted cgroup v2 and ends.
printf 'CgroupPlugin=cgroup/v1\nConstrainCores=no\nConstrainRAMSpace=no\n' >"$state/conf/cgroup.conf"
export SLURM_CONF=$state/conf/slurm.conf

slurmctld -c || fail "slurmctld does not start"
slurmd -N one || fail "slurmd one does not start"
slurmd -N two || fail "slurmd two does not start"
for _ in $(seq 60); do
  [ "$(sinfo -h -N -o %T 2>/dev/null | grep -c idle)" -eq 2 ] && break
  sleep 0.5
done
[ "$(sinfo -h -N -o %T | grep -c idle)" -eq 2 ] || fail "the two nodes do not come up"

cat >"$state/space.yaml" <<'SPACE'
schema: lutsim.sweep/1
name: two nodes
workload: {model: kjv-1m}
axes:
  matrix.mu: [2, 3, 4]
  memory.channels: [4, 8]
  weight_bits: [2 bit, 4 bit]
objectives:
  - {key: time_s.total, goal: minimise}
  - {key: energy_j.total, goal: minimise}
strategy: {kind: grid}
SPACE

"$lutsim" sweep "$state/space.yaml" --cluster slurm --shards 4 --jobs 1 --out "$state/out" >"$state/log/sweep" 2>&1 ||
  fail "lutsim sweep --cluster slurm ends with status $?"
"$lutsim" sweep "$state/space.yaml" --jobs 1 --out "$state/alone" >/dev/null 2>&1 || fail "the sweep alone fails"

for file in results.jsonl results.csv front.csv summary.json; do
  cmp "$state/out/$file" "$state/alone/$file" || fail "$file of the cluster differs"
done
shards=("$state"/out/results-*-of-4.jsonl)
[ "${#shards[@]}" -eq 4 ] || fail "not four shards"
[ "$(wc -l <"$state/out/results.jsonl")" -eq 12 ] || fail "not twelve points"
# Both nodes worked: the controller's log says which task went where.
for node in one two; do
  grep -q "NodeList=$node" "$state/log/ctld" || fail "node $node had no task"
done
echo "12 points in 4 tasks on 2 nodes, the same bytes as one process"
