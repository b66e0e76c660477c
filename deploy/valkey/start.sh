#!/bin/sh
# Starts Valkey as one part of deploy/compose/sentinel.yml or cluster.yml:
#
#   start.sh primary | replica | sentinel     three Sentinels watch a primary with its replica
#   start.sh node                             one server of a cluster
#   start.sh join                             makes one cluster of nodes that are none yet, and ends
#
# VALKEY_PASSWORD: of all of them. PRIMARY: "host port", whom a replica follows and Sentinels watch at first. NODES: "host:port
# host:port ...", of whom REPLICAS stand behind each primary. FOLDER, PORT and BIND: where it keeps what, and listens.
#
# What servers learn from each other, such as who is primary by now, they write into their configuration. So it is made
# once, in the folder with the data; after a change of the password, take it away.
set -eu
umask 077

part=$1
folder=${FOLDER:-/data}
file=$folder/$part.conf
export REDISCLI_AUTH="$VALKEY_PASSWORD"

settings() {
    # By a file, not as arguments: a command line can be read by every process of the machine.
    echo "dir $folder"
    echo "requirepass $VALKEY_PASSWORD"
    [ -z "${PORT:-}" ] || echo "port $PORT"
    [ -z "${BIND:-}" ] || echo "bind $BIND"
    case $part in
    sentinel)
        [ -n "${PORT:-}" ] || echo "port 26379"
        echo "sentinel monitor presence $PRIMARY 2"
        echo "sentinel auth-pass presence $VALKEY_PASSWORD"
        echo "sentinel sentinel-pass $VALKEY_PASSWORD"
        echo "sentinel down-after-milliseconds presence ${DOWN_AFTER:-3000}"
        # When the votes of an election are split, the next one is after twice this long.
        echo "sentinel failover-timeout presence ${FAILOVER_TIMEOUT:-6000}"
        return
        ;;
    replica) echo "replicaof $PRIMARY" ;;
    node)
        echo "cluster-enabled yes"
        echo "cluster-node-timeout ${DOWN_AFTER:-3000}"
        # The companies of a node that is away wait; those of others do not.
        echo "cluster-require-full-coverage no"
        ;;
    primary) ;;
    *)
        echo "start.sh: there is no part '$part'" >&2
        exit 2
        ;;
    esac
    echo "primaryauth $VALKEY_PASSWORD"
    echo "appendonly yes"
    echo "appendfsync everysec"
    echo 'save ""'
}

join() {
    for node in $NODES; do
        until valkey-cli -h "${node%:*}" -p "${node#*:}" ping | grep -q PONG; do sleep 1; done
    done
    first=${NODES%% *}
    if valkey-cli -h "${first%:*}" -p "${first#*:}" cluster info | grep -q '^cluster_slots_assigned:16384'; then
        echo "These are one cluster already."
        return
    fi
    # shellcheck disable=SC2086 - one argument for each node
    valkey-cli --cluster create $NODES --cluster-replicas "${REPLICAS:-1}" --cluster-yes
}

if [ "$part" = join ]; then
    join
    exit
fi
[ -e "$file" ] || settings >"$file"
if [ "$part" = sentinel ]; then exec valkey-server "$file" --sentinel; fi
exec valkey-server "$file"
