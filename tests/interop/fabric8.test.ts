import { mavenStories } from './maven-stories.ts';

mavenStories({
  title: 'fabric8',
  folder: 'fabric8',
  library: 'io.fabric8:kubernetes-client',
  stories: ['objects', 'patches', 'pages', 'errors', 'informers', 'custom', 'leader-election', 'streams'],
});
