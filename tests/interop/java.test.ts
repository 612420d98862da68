import { mavenStories } from './maven-stories.ts';

mavenStories({
  title: 'the official Java client',
  folder: 'java',
  library: 'io.kubernetes:client-java',
  stories: ['objects', 'apply', 'protobuf', 'watch', 'informers', 'leader-election', 'streams'],
});
