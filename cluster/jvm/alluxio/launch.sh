# What the programs of this image share: Java, and the options that the environment gives it. Sourced by bash.
home=${ALLUXIO_HOME:-/opt/alluxio}
opens=()
for package in java.io java.lang java.lang.reflect java.net java.nio java.security java.util \
  java.util.concurrent java.util.concurrent.atomic sun.nio.ch sun.security.action; do
  opens+=(--add-opens "java.base/$package=ALL-UNNAMED")
done

# Java wants a name for every user, also for one that an administrator has chosen by its number alone.
name_user() {
  whoami >/dev/null 2>&1 && return
  { echo "alluxio:x:$(id -u):$(id -g)::$home:/bin/bash" >>/etc/passwd; } 2>/dev/null || true
}

# Adds the words of a text to the list `java`; ${NAME} in a word is a variable. Nothing is evaluated.
add() {
  local rest text whole words
  read -r -d '' -a words <<<"$1" || true
  for rest in "${words[@]}"; do
    text=""
    while [[ $rest =~ \$\{([A-Za-z_][A-Za-z0-9_]*)\} ]]; do
      whole=${BASH_REMATCH[0]}
      text+=${rest%%"$whole"*}${!BASH_REMATCH[1]-}
      rest=${rest#*"$whole"}
    done
    java+=("$text$rest")
  done
}

# launch CLASS LOGGER COMMON OWN JAVA-OPTION... -- ARGUMENT...: of an option given twice the later one counts.
launch() {
  local class=$1 logger=$2 common=$3 own=$4 java=()
  shift 4
  while [[ $1 != -- ]]; do java+=("$1"); shift; done
  shift
  add "$common"
  if [[ -n ${ALLUXIO_MASTER_HOSTNAME-} ]]; then java+=("-Dalluxio.master.hostname=$ALLUXIO_MASTER_HOSTNAME"); fi
  add "$own"
  name_user
  mkdir -p /tmp/alluxio-logs 2>/dev/null || true
  exec java "${opens[@]}" -Dalluxio.home=$home -Dalluxio.conf.dir=$home/conf -Dalluxio.logs.dir=/tmp/alluxio-logs \
    -Dlog4j.configuration=file:$home/conf/log4j.properties -Dalluxio.logger.type="$logger" \
    -Djava.net.preferIPv4Stack=true -Dio.netty.tryReflectionSetAccessible=true -Djava.security.egd=file:/dev/urandom \
    "${java[@]}" -cp "$home/conf:$home/lib/*" "$class" "$@"
}
