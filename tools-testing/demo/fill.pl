# Fills a cache: the documents that every cache holds, then sessions of its own.
# usage: fill.pl REDIS_SOCKET MIB_OF_SESSIONS
use strict;
use warnings;
use File::Find;
use IO::Socket::UNIX;

my ($path, $mib) = @ARGV;
my $redis;
for (1 .. 200) {
	last if $redis = IO::Socket::UNIX->new(Peer => $path);
	select undef, undef, undef, 0.05;
}
die "fill.pl: $path: $!\n" unless $redis;

# Many commands are on their way before their replies are read.
my $sent = 0;
sub command {
	print $redis '*' . @_ . "\r\n", map { '$' . length($_) . "\r\n$_\r\n" } @_;
	replies() if ++$sent == 200;
}
sub replies {
	$redis->flush;
	while ($sent) {
		my $reply = <$redis>;
		die "fill.pl: $path: " . ($reply // 'gone') . "\n" unless defined $reply && $reply =~ /^\+OK/;
		$sent--;
	}
}

# In pieces, as documents are kept for searching.
find({ no_chdir => 1, preprocess => sub { sort @_ }, wanted => sub {
	return unless /\.p[mly]$/ && -f;
	open my $file, '<:raw', $_ or die "$_: $!";
	my $piece = 0;
	my $bytes;
	command('SET', "$_:" . $piece++, $bytes) while read $file, $bytes, 4000;
} }, '/usr/share/perl', glob('/usr/lib/python3.*'));

# Every session takes its own cut out of the same random bytes, which are dear.
open my $random, '<:raw', '/dev/urandom' or die "/dev/urandom: $!";
read $random, my $noise, 65536;
command('SET', "session:$_", substr $noise, 7 * $_ % 60000, 4000) for 1 .. $mib * 256;
replies();
print "ready cache\n";
